// Rotates the secret in the file that is named, again and again, and tells of each new one when it is there.
import { writeSync } from "node:fs";
import { resolveSecret, rotateSecret } from "../../../src/auth/secret.ts";

const [file = ""] = process.argv.slice(2);
const algorithm = "HS256";

for (;;) {
  const now = new Date();
  await rotateSecret({ file, algorithm, overlapSeconds: 3600, now });
  const { bytes } = await resolveSecret({ algorithm, generatedFile: file, now, save: async () => false });
  writeSync(1, `${new TextDecoder().decode(bytes)}\n`);
}
