// Writes one pair after another into the folder that is named, each with a new key, under the folder's lock, until it is
// killed. It writes a dot after each, and a line before the first.
import { join } from "node:path";
import { withFolderLock } from "../../../src/file-lock.ts";
import { writePair } from "../../../src/pki/files/pair-files.ts";
import { makePairText } from "./pair-text.ts";

const [folder = ""] = process.argv.slice(2);
const files = { certFile: join(folder, "server.crt"), keyFile: join(folder, "server.key") };

// So that all is loaded, and the first write is as quick as the others.
await makePairText();
process.stdout.write("ready\n");
for (;;) {
  const text = await makePairText();
  await withFolderLock({ directory: folder }, () => writePair(files, text));
  process.stdout.write(".");
}
