import { readBoundedFile, UnreadableFile } from "../bounded-file.ts";
import { ConfigurationError, FileError } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";
import { typeOfProvider } from "./consistency.ts";
import type { LoadedConfiguration } from "./load.ts";
import { settingName } from "./override.ts";
import { keyVariableOf, usualVariables } from "./provider-environment.ts";
import type { ProviderEntry, ProviderType } from "./schema/provider.ts";

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

/** Types that answer nobody without a key. */
const needKey: ReadonlySet<ProviderType> = new Set(["anthropic", "openai", "google"]);

interface FoundKey {
  key: string;
  keySource: string;
}

/** Keys have some hundred bytes. */
const largestKeyFile = 64 * 1024;

async function readKeyFile(file: string, origin: string): Promise<string> {
  try {
    return new TextDecoder().decode((await readBoundedFile(file, largestKeyFile)).bytes);
  } catch (cause) {
    const reason = cause instanceof UnreadableFile ? `it ${cause.message}` : systemReason(cause);
    throw new FileError(`${origin} names ${describeFile(file)}, which can't be read: ${reason}`, {
      hint: "Put the API key into that file, readable by this user.",
      cause,
    });
  }
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

async function findKey(
  name: string,
  { key, key_file: file }: ProviderEntry,
  originOf: LoadedConfiguration["originOf"],
): Promise<FoundKey | undefined> {
  if (key) return accept(key, settingName(["providers", name, "key"], originOf));
  if (file) return accept(await readKeyFile(file, settingName(["providers", name, "key_file"], originOf)), file);
  return undefined;
}

function settingsOf(name: string, entry: ProviderEntry, found: FoundKey | undefined): ProviderSettings {
  const type = typeOfProvider(name, entry);
  if (!type) throw new TypeError(`providers.${name} was not validated`);
  if (!found && needKey.has(type)) {
    const variables = [keyVariableOf(name), ...(usualVariables[type] ?? [])];
    throw new ConfigurationError(`providers.${name} has no API key`, {
      hint: `Set providers.${name}.key_file, or one of ${variables.join(", ")}.`,
    });
  }
  return {
    name,
    type,
    ...found,
    ...(entry.base_url ? { baseUrl: entry.base_url } : {}),
    ...(entry.models ? { models: entry.models } : {}),
    ...(entry.structured_outputs === undefined ? {} : { structuredOutputs: entry.structured_outputs }),
    ...(entry.delay_ms === undefined ? {} : { delayMs: entry.delay_ms }),
    ...(entry.chunk_delay_ms === undefined ? {} : { chunkDelayMs: entry.chunk_delay_ms }),
    ...(entry.failure === undefined ? {} : { failure: entry.failure }),
    ...(entry.fail_after_chunks === undefined ? {} : { failAfterChunks: entry.fail_after_chunks }),
  };
}

/**
 * The providers to offer, with their keys.
 *
 * @param loaded - The configuration, and where its values come from.
 * @returns The settings in the configuration's order.
 * @throws ConfigurationError when an entry lacks a key that its type needs, or a key can't be one.
 * @throws FileError when a key file can't be read.
 */
export async function resolveProviders({
  configuration,
  originOf,
}: Pick<LoadedConfiguration, "configuration" | "originOf">): Promise<ProviderSettings[]> {
  const settings: ProviderSettings[] = [];
  for (const [name, entry] of Object.entries(configuration.providers)) {
    settings.push(settingsOf(name, entry ?? {}, await findKey(name, entry ?? {}, originOf)));
  }
  return settings;
}

/** The files that hold the providers' keys. */
export function providerKeyFiles({ configuration }: Pick<LoadedConfiguration, "configuration">): string[] {
  return Object.values(configuration.providers).flatMap((entry) =>
    entry?.key_file && !entry.key ? [entry.key_file] : [],
  );
}
