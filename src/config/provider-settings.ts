import { readFile } from "node:fs/promises";
import { ConfigurationError, FileError } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";
import type { Environment } from "./paths.ts";
import { type Configuration, type ProviderEntry, type ProviderType, providerTypes } from "./schema.ts";

/** A provider's settings, with its key in hand. */
export interface ProviderSettings {
  name: string;
  type: ProviderType;
  key?: string;
  /** Where the key came from, for a person. */
  keySource?: string;
  baseUrl?: string;
  models?: readonly string[];
  structuredOutputs?: boolean;
  delayMs?: number;
  chunkDelayMs?: number;
  failure?: string;
  failAfterChunks?: number;
}

/** The variables in which people usually keep a provider's key. */
const usualVariables: Readonly<Partial<Record<ProviderType, readonly string[]>>> = {
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  google: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
};

/** Types that answer nobody without a key. */
const needKey: ReadonlySet<ProviderType> = new Set(["anthropic", "openai", "google"]);

interface FoundKey {
  key: string;
  keySource: string;
}

async function readKeyFile(file: string, origin: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause) => {
    throw new FileError(`${origin} names ${describeFile(file)}, which can't be read: ${systemReason(cause)}`, {
      hint: "Put the API key into that file, readable by this user.",
      cause,
    });
  });
}

/** A key travels in an HTTP header, so it is one line of visible ASCII. */
function accept(text: string, keySource: string): FoundKey {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return { key, keySource };
  const lack = key === "" ? "is empty" : "has spaces, line breaks or characters that no API key has";
  throw new ConfigurationError(`The API key from ${keySource} ${lack}`, {
    hint: "Copy the key again, as one line and without quotes.",
  });
}

/** The variable of a provider's own name. */
function variableOf(name: string): string {
  return `VIBECTL_${name.toUpperCase().replaceAll("-", "_")}_API_KEY`;
}

async function findKey(
  name: string,
  type: ProviderType,
  entry: ProviderEntry,
  environment: Environment,
): Promise<FoundKey | undefined> {
  const variable = variableOf(name);
  const direct = environment[variable];
  if (direct) return accept(direct, variable);
  const file = environment[`${variable}_FILE`];
  if (file) return accept(await readKeyFile(file, `${variable}_FILE`), file);
  if (entry.key) return accept(entry.key, `providers.${name}.key`);
  if (entry.key_file) return accept(await readKeyFile(entry.key_file, `providers.${name}.key_file`), entry.key_file);
  for (const usual of usualVariables[type] ?? []) {
    const value = environment[usual];
    if (value) return accept(value, usual);
  }
  return undefined;
}

function typeOf(name: string, entry: ProviderEntry): ProviderType {
  const type = entry.type ?? providerTypes.find((candidate) => candidate === name);
  if (type) return type;
  throw new ConfigurationError(`providers.${name} has no type, and ${name} is none of ${providerTypes.join(", ")}`, {
    hint: `Add \`type: openai-compatible\` and \`base_url\` under providers.${name}, or mend its name.`,
  });
}

function refuseMisplaced(name: string, type: ProviderType, entry: ProviderEntry): void {
  const { delay_ms, chunk_delay_ms, failure, fail_after_chunks, structured_outputs, ...usual } = entry;
  const own = type === "echo" ? usual : { delay_ms, chunk_delay_ms, failure, fail_after_chunks };
  const compatible = type === "openai-compatible" ? {} : { structured_outputs };
  const misplaced = Object.entries({ ...own, ...compatible }).find(
    ([key, value]) => key !== "type" && value !== undefined && value !== null,
  );
  if (misplaced) {
    throw new ConfigurationError(`providers.${name}.${misplaced[0]} has no meaning for a provider of type ${type}`, {
      hint: "Remove it, or mend the type.",
    });
  }
}

async function resolveEntry(name: string, entry: ProviderEntry, environment: Environment): Promise<ProviderSettings> {
  const type = typeOf(name, entry);
  refuseMisplaced(name, type, entry);
  return settingsOf(name, type, entry, await findKey(name, type, entry, environment), environment);
}

function settingsOf(
  name: string,
  type: ProviderType,
  entry: ProviderEntry,
  found: FoundKey | undefined,
  environment: Environment,
): ProviderSettings {
  if (!found && needKey.has(type)) {
    const variables = [variableOf(name), ...(usualVariables[type] ?? [])];
    throw new ConfigurationError(`providers.${name} has no API key`, {
      hint: `Set providers.${name}.key_file, or one of ${variables.join(", ")}.`,
    });
  }
  if (type === "openai-compatible" && !entry.base_url) {
    throw new ConfigurationError(`providers.${name} has no base_url`, {
      hint: `Set providers.${name}.base_url to the address of its API, such as http://127.0.0.1:8080/v1.`,
    });
  }
  const baseUrl = entry.base_url ?? (type === "ollama" ? ollamaUrl(environment) : undefined);
  return {
    name,
    type,
    ...found,
    ...(baseUrl ? { baseUrl } : {}),
    ...(entry.models ? { models: entry.models } : {}),
    ...(entry.structured_outputs === undefined ? {} : { structuredOutputs: entry.structured_outputs }),
    ...(entry.delay_ms === undefined ? {} : { delayMs: entry.delay_ms }),
    ...(entry.chunk_delay_ms === undefined ? {} : { chunkDelayMs: entry.chunk_delay_ms }),
    ...(entry.failure === undefined ? {} : { failure: entry.failure }),
    ...(entry.fail_after_chunks === undefined ? {} : { failAfterChunks: entry.fail_after_chunks }),
  };
}

/** `OLLAMA_HOST` as ollama itself reads it: a URL, or a host with or without a port. */
function ollamaUrl(environment: Environment): string | undefined {
  const host = environment.OLLAMA_HOST?.trim();
  if (!host) return undefined;
  const url = URL.parse(host.includes("://") ? host : `http://${host}`);
  if (!url) {
    throw new ConfigurationError(`OLLAMA_HOST is ${JSON.stringify(host)}, which is no address`, {
      hint: "Set it to a host and port such as 127.0.0.1:11434.",
    });
  }
  if (url.port === "" && !host.includes("://")) url.port = "11434";
  return url.origin;
}

/**
 * The providers to offer: those of the configuration, and every vendor whose key is in the environment.
 *
 * @param configuration - Its `providers`.
 * @param environment - Where keys may be.
 * @returns The settings in the order of the configuration, then of {@link providerTypes}.
 * @throws ConfigurationError when an entry lacks what its type needs, or a key can't be one.
 * @throws FileError when a key file can't be read.
 */
export async function resolveProviders(
  { providers }: Pick<Configuration, "providers">,
  environment: Environment,
): Promise<ProviderSettings[]> {
  const settings: ProviderSettings[] = [];
  for (const [name, entry] of Object.entries(providers)) {
    settings.push(await resolveEntry(name, entry ?? {}, environment));
  }
  for (const type of providerTypes) {
    if (type in providers) continue;
    const present =
      type === "ollama" ? environment.OLLAMA_HOST : needKey.has(type) && (await findKey(type, type, {}, environment));
    if (present) settings.push(await resolveEntry(type, {}, environment));
  }
  return settings;
}
