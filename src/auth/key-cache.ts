import { FileError } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";
import type { Algorithm } from "./algorithms.ts";
import { isJsonObject, type JsonObject } from "./json-text.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";
import { isMissing, readNamedFile } from "./named-file.ts";

/** Keys, and when they were fetched. */
export interface FetchedKeys {
  set: KeySet;
  /** Milliseconds since 1970. */
  fetchedAt: number;
}

/** Where keys are kept, and which. */
export interface KeyCache {
  file: string;
  /** Where they come from. */
  url: URL;
  algorithm: Algorithm;
}

const largestFile = 2 * 1024 * 1024;
const hint = "Remove it: it is written again with the next keys that are fetched.";

/**
 * Keeps keys for the next start.
 *
 * @throws FileError when the file can't be written.
 */
export async function writeKeyCache(
  { file, url, algorithm }: KeyCache,
  { set, fetchedAt }: FetchedKeys,
): Promise<void> {
  const content = { url: url.href, algorithm, fetched_at: new Date(fetchedAt).toISOString(), keys: set.jwks };
  await writeFileAtomically(file, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600, clobber: true });
}

function parse(text: string, file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FileError(`${file}, which keeps keys, is not valid JSON`, { hint, cause });
  }
  if (!isJsonObject(value)) throw new FileError(`${file}, which keeps keys, is not a JSON object`, { hint });
  return value;
}

/**
 * Reads the keys that were kept.
 *
 * @param now - Keys can't have been fetched later.
 * @returns Undefined when there are none of this address and algorithm.
 * @throws FileError or ConfigurationError when the file is damaged, or others could have written it.
 */
export async function readKeyCache({ file, url, algorithm }: KeyCache, now: Date): Promise<FetchedKeys | undefined> {
  const content = await readNamedFile({ file, source: undefined }, largestFile, hint).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!content) return undefined;
  if ((content.mode & 0o022) !== 0) throw new FileError(`Other users can write ${file}, which keeps keys`, { hint });
  const text = new TextDecoder().decode(content.bytes);
  const value = parse(text, file);
  const fetchedAt = Date.parse(String(value.fetched_at));
  if (Number.isNaN(fetchedAt) || fetchedAt > now.getTime()) {
    throw new FileError(`${file}, which keeps keys, does not say when they were fetched`, { hint });
  }
  if (value.url !== url.href || value.algorithm !== algorithm) return undefined;
  return { set: await parseKeySet(text, file, algorithm), fetchedAt };
}
