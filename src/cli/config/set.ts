import { type ArgsDef, defineCommand } from "citty";
import { type Setting, setKeys, singleSettings } from "../../config/change.ts";
import type { PlainValue } from "../../config/editing/write-value.ts";
import { findPath } from "../../config/key-name.ts";
import { isSecret, keyAt, secretsIn, typeAt } from "../../config/keys.ts";
import { readSection, readValue } from "../../config/read-value.ts";
import { formatPath } from "../../config/tree.ts";
import { maskedValue } from "../../config/view.ts";
import { UsageError } from "../../errors.ts";
import type { Meta, Repeatable, Suggesting } from "../invoke.ts";
import { output } from "../output.ts";
import { readSecretInput } from "../secret-input.ts";
import { fileArgs, fileOf } from "./config-file.ts";
import { suggestPairs } from "./suggestions.ts";
import { noteWinners, reportEdit } from "./written.ts";

const args = {
  key: { type: "positional", required: true, description: "Key, such as server.port", suggest: suggestPairs },
  value: {
    type: "positional",
    required: true,
    description:
      "Value: a list is a,b; a map or a section is {a: b}, of which what is given is set; - reads it from stdin. More keys, each with its value, may follow",
    repeatable: true,
    suggest: suggestPairs,
  },
  ...fileArgs,
} satisfies ArgsDef & Record<string, Repeatable & Suggesting>;

/** Whatever stands on a command line, the process list and the shell's history show. */
function refuseSecret(path: readonly string[]): never {
  const name = formatPath(path);
  const above = path.slice(0, -1);
  const file = [...above, `${path.at(-1)}_file`];
  const better = keyAt(file)?.meta.path ? ` Better: put it in a file, and set ${formatPath(file)}.` : "";
  throw new UsageError(`${name} is a secret, which the process list shows on a command line`, {
    hint: `Pipe it in: \`vibectl-server config set ${name} - < FILE\`.${better}`,
  });
}

interface Pair {
  path: readonly string[];
  text: string;
}

/**
 * The keys and their values, which take turns.
 *
 * @throws UsageError when a value is missing, a key stands twice, or stdin should be several values.
 */
function readPairs(words: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let index = 0; index < words.length; index += 2) {
    const [name = "", text] = words.slice(index);
    const path = findPath(name);
    if (text === undefined) {
      throw new UsageError(`${formatPath(path)} has no value`, { hint: "Behind each key stands its value." });
    }
    if (pairs.some((pair) => formatPath(pair.path) === formatPath(path))) {
      throw new UsageError(`${formatPath(path)} is given twice`);
    }
    pairs.push({ path, text });
  }
  if (pairs.filter(({ text }) => text === "-").length > 1) {
    throw new UsageError("- is given twice, and stdin is one value");
  }
  return pairs;
}

async function read({ path, text: given }: Pair): Promise<Setting> {
  const name = formatPath(path);
  const fromStdin = given === "-";
  if (!fromStdin && isSecret(path)) refuseSecret(path);
  const text = fromStdin ? await readSecretInput(name) : given;
  const key = keyAt(path);
  const type = typeAt(path);
  const result = key ? readValue(key, text) : type && readSection(type, path, text);
  if (!result?.ok) throw new UsageError(`${name}: ${result?.reason}`);
  const [secret] = fromStdin ? [] : secretsIn(result.value, path);
  if (secret !== undefined) refuseSecret(secret);
  return { path, value: result.value as PlainValue };
}

/** What a key is now, unless it is a secret. */
function describe({ path, value }: Setting): string {
  const hidden = isSecret(path) || secretsIn(value, path).length > 0;
  return `${formatPath(path)} is ${hidden ? "set" : JSON.stringify(maskedValue(path, value))}`;
}

const meta: Meta = {
  name: "set",
  description:
    "Sets keys in the configuration file, all in one edit; nothing else in the file changes. A running server applies it",
  example: "vibectl-server config set server.limits.global.max_requests_per_minute 120",
};

/** `config set KEY VALUE [KEY VALUE …]`: changes keys of the file. */
export const set = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const file = fileOf(flags);
    const settings: Setting[] = [];
    for (const pair of readPairs(flags._)) settings.push(await read(pair));
    const result = await setKeys(file, settings);
    const single = singleSettings(settings);
    reportEdit(result, file, single.map(describe).join(", "));
    const paths = single.map(({ path }) => path);
    await noteWinners(file, paths);
    if (result.changed && paths.some((path) => keyAt(path)?.meta.restart)) {
      output.note("A running server takes it over at its next start");
    }
  },
});
