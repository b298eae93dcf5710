import type { Override } from "./override.ts";
import type { Environment } from "./paths.ts";
import { type ProviderType, provider, providerTypes } from "./schema/provider.ts";
import { isMapping, type Section, valueAt } from "./tree.ts";

/** The variables in which people usually keep a provider's key. */
export const usualVariables: Readonly<Partial<Record<ProviderType, readonly string[]>>> = {
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  google: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
};

/** A variable that sets a provider's key, and the text that it has. */
export interface ProviderVariable {
  variable: string;
  path: readonly string[];
  text: string;
}

/** One that says itself which provider it is about. */
interface OwnVariable extends ProviderVariable {
  name: string;
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

function namesIn(content: Section): string[] {
  return isMapping(content.providers) ? Object.keys(content.providers) : [];
}

const prefix = "VIBECTL_SERVER_PROVIDERS_";
/** The longest that fits is the one that is meant: `CHUNK_DELAY_MS` before `DELAY_MS`. */
const fields = Object.keys(provider.shape).sort((a, b) => b.length - a.length);

/** `VIBECTL_SERVER_PROVIDERS_<NAME>_<KEY>`. */
function readOwn(variable: string, text: string, names: readonly string[]): OwnVariable | undefined {
  const rest = variable.slice(prefix.length);
  const field = fields.find((each) => rest.endsWith(`_${each.toUpperCase()}`));
  if (!field) return undefined;
  const inCapitals = rest.slice(0, -field.length - 1);
  const name = names.find((each) => inVariable(each) === inCapitals) ?? inCapitals.toLowerCase();
  return { variable, name, path: ["providers", name, field], text };
}

/**
 * The variables that set keys of single providers: `VIBECTL_<NAME>_API_KEY`, the same with `_FILE`, and
 * `VIBECTL_SERVER_PROVIDERS_<NAME>_<KEY>`, which names a provider by itself too.
 *
 * @param content - What names providers: the configuration file's content, with the variables for all of them over it.
 */
export function providerVariables(environment: Environment, content: Section): ProviderVariable[] {
  const known = new Set([...namesIn(content), ...providerTypes]);
  const own = Object.entries(environment).flatMap(([variable, text]) =>
    variable.startsWith(prefix) && text ? (readOwn(variable, text, [...known]) ?? []) : [],
  );
  const names = new Set([...known, ...own.map(({ name }) => name)]);
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

function typeOf(name: string, entry: unknown): ProviderType | undefined {
  const type = valueAt(entry, ["type"]) ?? name;
  return providerTypes.find((each) => each === type);
}

/** `OLLAMA_HOST` as ollama itself reads it: a URL, or a host with or without a port. */
function ollamaAddress(text: string): string {
  const host = text.trim();
  const url = URL.parse(host.includes("://") ? host : `http://${host}`);
  if (!url) return host;
  if (url.port === "" && !host.includes("://")) url.port = "11434";
  return url.origin;
}

function fallbackOf(name: string, entry: unknown, environment: Environment): Override[] {
  const type = typeOf(name, entry);
  const has = (field: string) => !!valueAt(entry, [field]);
  if (type === "ollama" && !has("base_url") && environment.OLLAMA_HOST) {
    const value = ollamaAddress(environment.OLLAMA_HOST);
    return [{ path: ["providers", name, "base_url"], value, origin: "OLLAMA_HOST" }];
  }
  if (!type || has("key") || has("key_file")) return [];
  const variable = usualVariables[type]?.find((each) => environment[each]);
  return variable ? [{ path: ["providers", name, "key"], value: environment[variable], origin: variable }] : [];
}

/**
 * What the vendors' own variables add where nothing else says it; a vendor whose key is there is a provider without any
 * entry.
 *
 * @param content - The configuration so far.
 */
export function providerFallbacks(environment: Environment, content: Section): Override[] {
  const configured = namesIn(content);
  const names = [...configured, ...providerTypes.filter((type) => !configured.includes(type))];
  return names.flatMap((name) => fallbackOf(name, valueAt(content, ["providers", name]), environment));
}
