import { ConfigurationError } from "../errors.ts";
import type { LoadedConfiguration } from "./load.ts";
import { settingName } from "./override.ts";
import { readAuthorities } from "./provider-authorities.ts";
import { usualVariables } from "./provider-environment.ts";
import { findKeys, keyFilesOf, type ProviderKey } from "./provider-keys.ts";
import { keyVariableOf } from "./provider-variables.ts";
import { type ProviderEntry, type ProviderType, typeOfProvider } from "./schema/provider.ts";
import { usualConnections, usualTimeouts } from "./schema/provider-access.ts";

/** How a provider is reached; nothing of it for one that is not called over HTTP. */
interface AccessSettings {
  /** An http or https proxy, or `none`; what the environment says when left out. */
  proxy?: string;
  /** PEM text of the CAs that are trusted beside the system's. */
  ca?: string;
  /** Headers that are sent with every request. Their values can be secrets. */
  headers?: Readonly<Record<string, string>>;
  /** Connections that are open at the same time. */
  maxConnections?: number;
  /** Milliseconds until a connection stands, TLS included. */
  connectMs?: number;
  /** Milliseconds until the first byte of a streamed answer. */
  firstByteMs?: number;
  /** Milliseconds between two pieces of a streamed answer. */
  betweenChunksMs?: number;
  /** Milliseconds that one attempt may take as a whole. */
  callMs?: number;
}

/** A provider's settings, with its keys in hand. */
export interface ProviderSettings extends AccessSettings {
  name: string;
  type: ProviderType;
  /** The first of its keys. */
  key?: string;
  /** Where that key came from, for a person. */
  keySource?: string;
  /** All of its keys; none for a provider without one. */
  keys: readonly ProviderKey[];
  /** Which of several keys the next call gets. */
  keyChoice?: "round_robin" | "weighted" | "least_busy";
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

type Loaded = Pick<LoadedConfiguration, "configuration" | "originOf">;

async function accessOf(name: string, entry: ProviderEntry, originOf: Loaded["originOf"]): Promise<AccessSettings> {
  const { proxy, ca_file: caFile, headers, max_connections: maxConnections = usualConnections } = entry;
  const ms = (timeout: keyof typeof usualTimeouts) =>
    Math.round((entry.timeouts?.[timeout] ?? usualTimeouts[timeout]) * 1000);
  return {
    ...(proxy ? { proxy } : {}),
    ...(caFile ? { ca: await readAuthorities(caFile, settingName(["providers", name, "ca_file"], originOf)) } : {}),
    ...(headers ? { headers } : {}),
    maxConnections,
    connectMs: ms("connect_seconds"),
    firstByteMs: ms("first_byte_seconds"),
    betweenChunksMs: ms("between_chunks_seconds"),
    callMs: ms("call_seconds"),
  };
}

function requireKey(name: string, type: ProviderType, keys: readonly ProviderKey[]): void {
  if (keys.length > 0 || !needKey.has(type)) return;
  const variables = [keyVariableOf(name), ...(usualVariables[type] ?? [])];
  throw new ConfigurationError(`providers.${name} has no API key`, {
    hint: `Set providers.${name}.key_file, or one of ${variables.join(", ")}.`,
  });
}

async function settingsOf(name: string, entry: ProviderEntry, originOf: Loaded["originOf"]): Promise<ProviderSettings> {
  const type = typeOfProvider(name, entry);
  if (!type) throw new TypeError(`providers.${name} was not validated`);
  const keys = await findKeys(name, entry, originOf);
  requireKey(name, type, keys);
  const [first] = keys;
  return {
    name,
    type,
    keys,
    ...(first ? { key: first.key, keySource: first.keySource } : {}),
    ...(entry.key_choice ? { keyChoice: entry.key_choice } : {}),
    ...(type === "echo" ? {} : await accessOf(name, entry, originOf)),
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
 * @throws ConfigurationError when an entry lacks a key that its type needs, a key can't be one, or a file holds no CA.
 * @throws FileError when a file of a key or of CAs can't be read.
 */
export async function resolveProviders({ configuration, originOf }: Loaded): Promise<ProviderSettings[]> {
  const settings: ProviderSettings[] = [];
  for (const [name, entry] of Object.entries(configuration.providers)) {
    settings.push(await settingsOf(name, entry ?? {}, originOf));
  }
  return settings;
}

/** The files that the providers' keys and CAs are read from. */
export function providerKeyFiles({ configuration }: Pick<LoadedConfiguration, "configuration">): string[] {
  return Object.values(configuration.providers).flatMap((entry) =>
    entry ? [...keyFilesOf(entry), ...(entry.ca_file ? [entry.ca_file] : [])] : [],
  );
}
