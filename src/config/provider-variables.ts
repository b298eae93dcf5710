import { anyName, configurationKeys } from "./keys.ts";
import type { Environment } from "./paths.ts";
import { providerTypes } from "./schema/provider.ts";
import { isMapping, type Section, valueAt } from "./tree.ts";

/** A variable that sets a provider's key, and the text that it has. */
export interface ProviderVariable {
  variable: string;
  path: readonly string[];
  text: string;
}

/** A provider's name as variables have it. */
function inVariable(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}

/**
 * The variable of a provider's own name.
 *
 * @param name - The provider's name in the configuration.
 */
export function keyVariableOf(name: string): string {
  return `VIBECTL_${inVariable(name)}_API_KEY`;
}

/** The names of the providers that a content has. */
export function providerNames(content: Section): string[] {
  return isMapping(content.providers) ? Object.keys(content.providers) : [];
}

const prefix = "VIBECTL_SERVER_PROVIDERS_";

type Path = readonly string[];

/** A key of a provider's entry: its path below the provider's name, and the same as the end of a variable. */
interface Field {
  path: Path;
  ending: string;
}

/** The keys of an entry, and of an entry of its `keys`. */
interface Fields {
  own: readonly Field[];
  ofKeys: readonly Field[];
}

/** The longest that fits is the one that is meant: `CHUNK_DELAY_MS` before `DELAY_MS`. */
function fieldsBelow(above: Path): Field[] {
  return configurationKeys()
    .filter(({ path }) => above.every((name, depth) => path[depth] === name))
    .map(({ path }) => path.slice(above.length))
    .filter((path) => path.length > 0 && !path.includes(anyName))
    .map((path) => ({ path, ending: inVariable(path.join("_")) }))
    .sort((a, b) => b.ending.length - a.ending.length);
}

/** Splits `<NAME>_<KEY>`. */
function split(text: string, fields: readonly Field[]): { inCapitals: string; path: Path } | undefined {
  const field = fields.find(({ ending }) => text.endsWith(`_${ending}`) && text.length > ending.length + 1);
  return field && { inCapitals: text.slice(0, -field.ending.length - 1), path: field.path };
}

/** The name that a variable has in capitals: a known one, or one that only the variable knows. */
function nameIn(inCapitals: string, known: Iterable<string>): string {
  return [...known].find((each) => inVariable(each) === inCapitals) ?? inCapitals.toLowerCase();
}

/** `<NAME>_KEYS_<KEY'S NAME>_<KEY>`, of a provider that is known. */
function readKeyOf(rest: string, known: ReadonlySet<string>, { ofKeys }: Fields, content: Section): Path | undefined {
  const names = [...known].sort((a, b) => b.length - a.length);
  for (const name of names) {
    const start = `${inVariable(name)}_KEYS_`;
    const found = rest.startsWith(start) ? split(rest.slice(start.length), ofKeys) : undefined;
    if (!found) continue;
    const keys = valueAt(content, ["providers", name, "keys"]);
    const label = nameIn(found.inCapitals, isMapping(keys) ? Object.keys(keys) : []);
    return ["providers", name, "keys", label, ...found.path];
  }
  return undefined;
}

/** `VIBECTL_SERVER_PROVIDERS_<NAME>_<KEY>`. */
function readOwn(
  variable: string,
  known: ReadonlySet<string>,
  { own }: Pick<Fields, "own">,
): { name: string; path: Path } | undefined {
  const found = split(variable.slice(prefix.length), own);
  if (!found) return undefined;
  const name = nameIn(found.inCapitals, known);
  return { name, path: ["providers", name, ...found.path] };
}

/** The variables of single keys, and the names of providers that they and the content have. */
function readVariables(environment: Environment, content: Section): { own: ProviderVariable[]; names: Set<string> } {
  const names = new Set([...providerNames(content), ...providerTypes]);
  const given = Object.entries(environment).flatMap(([variable, text]) =>
    variable.startsWith(prefix) && text ? [{ variable, text }] : [],
  );
  if (given.length === 0) return { own: [], names };
  const entry = ["providers", anyName];
  const fields = { own: fieldsBelow(entry), ofKeys: fieldsBelow([...entry, "keys", anyName]) };
  const isOfKeys = ({ variable }: { variable: string }) =>
    /_KEYS_./.test(variable) && split(variable, fields.ofKeys) !== undefined;
  // What names a provider beyond doubt comes first: a key's name may be all that another one adds to it.
  const ordered = [...given.filter((each) => !isOfKeys(each)), ...given.filter(isOfKeys)];
  const own = ordered.flatMap(({ variable, text }) => {
    const path = readKeyOf(variable.slice(prefix.length), names, fields, content);
    const found = path ? { path, name: path[1] ?? "" } : readOwn(variable, names, fields);
    if (!found) return [];
    names.add(found.name);
    return [{ variable, path: found.path, text }];
  });
  return { own, names };
}

/**
 * The variables that set keys of single providers: `VIBECTL_<NAME>_API_KEY`, the same with `_FILE`, and
 * `VIBECTL_SERVER_PROVIDERS_<NAME>_<KEY>`, which names a provider by itself too.
 *
 * @param content - What names providers: the configuration file's content, with the variables for all of them over it.
 */
export function providerVariables(environment: Environment, content: Section): ProviderVariable[] {
  const { own, names } = readVariables(environment, content);
  const special = [...names].flatMap((name) => {
    const variable = keyVariableOf(name);
    return [
      { variable, path: ["providers", name, "key"], text: environment[variable] ?? "" },
      {
        variable: `${variable}_FILE`,
        path: ["providers", name, "key_file"],
        text: environment[`${variable}_FILE`] ?? "",
      },
    ];
  });
  return [...special, ...own].filter(({ text }) => text !== "");
}
