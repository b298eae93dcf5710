import { ConfigurationError } from "../errors.ts";
import type { LoadedConfiguration } from "./load.ts";
import { readNamedText } from "./named-text.ts";
import { settingName } from "./override.ts";
import type { ProviderEntry } from "./schema/provider.ts";
import { usualWeight } from "./schema/provider-keys.ts";

type OriginOf = LoadedConfiguration["originOf"];
type Path = readonly string[];

/** An API key in hand. */
export interface ProviderKey {
  /** Its name in `keys`; `key` for one that has none. */
  label: string;
  key: string;
  /** Where it came from, for a person. */
  keySource: string;
  /** Its share of the calls, where they are weighted. */
  weight: number;
}

/** What holds one key: a provider's entry, or an entry of its `keys`. */
type KeyHolder = Pick<ProviderEntry, "key" | "key_file">;

/** Keys have some hundred bytes. */
const largestKeyFile = 64 * 1024;

function readKeyFile(file: string, origin: string): Promise<string> {
  return readNamedText({
    file,
    origin,
    largest: largestKeyFile,
    hint: "Put the API key into that file, readable by this user.",
  });
}

/** A key travels in an HTTP header, so it is one line of visible ASCII. */
function accept(text: string, keySource: string): Pick<ProviderKey, "key" | "keySource"> {
  const key = text.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return { key, keySource };
  const lack = key === "" ? "is empty" : "has spaces, line breaks or characters that no API key has";
  throw new ConfigurationError(`The API key from ${keySource} ${lack}`, {
    hint: "Copy the key again, as one line and without quotes.",
  });
}

async function findKey({ key, key_file: file }: KeyHolder, path: Path, originOf: OriginOf) {
  if (key) return accept(key, settingName([...path, "key"], originOf));
  if (file) return accept(await readKeyFile(file, settingName([...path, "key_file"], originOf)), file);
  return undefined;
}

/**
 * The keys of a provider, in the order of the configuration.
 *
 * @param name - The provider's.
 * @param originOf - Tells where values come from.
 * @throws ConfigurationError when a key can't be one.
 * @throws FileError when a key file can't be read.
 */
export async function findKeys(name: string, entry: ProviderEntry, originOf: OriginOf): Promise<ProviderKey[]> {
  const path = ["providers", name];
  const single = await findKey(entry, path, originOf);
  if (single) return [{ label: "key", ...single, weight: usualWeight }];
  const found: ProviderKey[] = [];
  for (const [label, given] of Object.entries(entry.keys ?? {})) {
    const holder = given ?? {};
    const key = await findKey(holder, [...path, "keys", label], originOf);
    if (key) found.push({ label, ...key, weight: holder.weight ?? usualWeight });
  }
  return found;
}

/** The files that a provider's keys are read from. */
export function keyFilesOf(entry: ProviderEntry): string[] {
  const holders: (KeyHolder | null | undefined)[] = [entry, ...Object.values(entry.keys ?? {})];
  return holders.flatMap((holder) => (holder?.key_file && !holder.key ? [holder.key_file] : []));
}
