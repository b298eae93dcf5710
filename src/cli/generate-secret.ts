import { type ArgsDef, defineCommand } from "citty";
import { generateSecret as newSecret } from "../auth/secret.ts";
import { FileError, UsageError } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";
import type { Meta } from "./invoke.ts";
import { type Output, output } from "./output.ts";

const args = {
  output: { type: "string", valueHint: "file", description: "File to write it to, readable by its owner alone" },
  force: { type: "boolean", description: "Replace the file, should it be there" },
} satisfies ArgsDef;

/** What is asked for. */
export interface SecretRequest {
  /** Undefined: it is printed. */
  file: string | undefined;
  force: boolean;
}

/**
 * Makes a secret that is long enough for every algorithm, and prints it or writes it to a file.
 *
 * @throws FileError when the file is there already, or can't be written.
 */
export async function makeSecret({ file, force }: SecretRequest, output: Output): Promise<void> {
  const secret = newSecret();
  if (file === undefined) {
    if (force) throw new UsageError("--force is of no use without --output", { hint: "Name a file with --output." });
    return output.line(secret);
  }
  if (!(await writeFileAtomically(file, `${secret}\n`, { mode: 0o600, clobber: force }))) {
    throw new FileError(`${file} is there already, and was left as it is`, {
      hint: "With --force it is replaced: all tokens that are signed with the secret in it are refused then.",
    });
  }
  output.note(`Wrote a secret to ${file}; name it as jwt.secret_key_file or in VIBECTL_JWT_SECRET_FILE`);
}

const meta: Meta = {
  name: "generate-secret",
  description: "Makes a secret that signs tokens. It stands alone on stdout",
  example: "vibectl-server generate-secret --output jwt-secret",
};

/** `generate-secret`: makes a secret that signs tokens. */
export const generateSecret = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    await makeSecret({ file: flags.output, force: flags.force ?? false }, output);
  },
});
