import { type ArgsDef, defineCommand } from "citty";
import { setKey } from "../../config/change.ts";
import type { PlainValue } from "../../config/editing/value-text.ts";
import { findPath } from "../../config/key-name.ts";
import { isSecret, keyAt, secretsIn, typeAt } from "../../config/keys.ts";
import { formatPath } from "../../config/tree.ts";
import { readSection, readValue } from "../../config/value-text.ts";
import { UsageError } from "../../errors.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { readSecretInput } from "../secret-input.ts";
import { configArg, fileOf } from "./config-file.ts";
import { noteVariable, reportEdit } from "./written.ts";

const args = {
  key: { type: "positional", required: true, description: "Key, such as server.port" },
  value: {
    type: "positional",
    required: true,
    description: "Value: a list is a,b; a map or a section is {a: b}; - reads it from stdin",
  },
  ...configArg,
} satisfies ArgsDef;

/** Whatever stands on a command line, the process list and the shell's history show. */
function refuseSecret(name: string): never {
  throw new UsageError(`${name} is a secret, which the process list shows on a command line`, {
    hint: `Pipe it in: \`vibectl-server config set ${name} - < FILE\`. Better: put it in a file, and set ${name}_file.`,
  });
}

async function read(path: readonly string[], given: string): Promise<PlainValue> {
  const name = formatPath(path);
  const fromStdin = given === "-";
  if (!fromStdin && isSecret(path)) refuseSecret(name);
  const text = fromStdin ? await readSecretInput(name) : given;
  const key = keyAt(path);
  const type = typeAt(path);
  const result = key ? readValue(key, text) : type && readSection(type, path, text);
  if (!result?.ok) throw new UsageError(`${name}: ${result?.reason}`);
  const [secret] = fromStdin ? [] : secretsIn(result.value, path);
  if (secret !== undefined) refuseSecret(secret);
  return result.value as PlainValue;
}

/** What a key is now, unless it is a secret. */
function describe(path: readonly string[], value: PlainValue): string {
  const hidden = isSecret(path) || secretsIn(value, path).length > 0;
  return `${formatPath(path)} is ${hidden ? "set" : JSON.stringify(value)}`;
}

const meta: Meta = {
  name: "set",
  description: "Sets a key in the configuration file; nothing else in the file changes. A running server applies it",
  example: "vibectl-server config set server.limits.global.max_requests_per_minute 120",
};

/** `config set KEY VALUE`: changes one key of the file. */
export const set = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const path = findPath(flags.key);
    const value = await read(path, flags.value);
    const file = fileOf(flags);
    const result = await setKey(file, path, value);
    reportEdit(result, file, describe(path, value));
    const key = keyAt(path);
    if (key) noteVariable(key);
    if (result.changed && key?.meta.restart) output.note("A running server takes it over at its next start");
  },
});
