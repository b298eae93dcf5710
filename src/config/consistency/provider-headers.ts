import { showPath } from "../problems.ts";
import type { ProviderEntry } from "../schema/provider.ts";
import { type Contradiction, contradiction, type Path } from "./contradiction.ts";

/** Headers with the provider's key, which stands under `key` or `keys`. */
const ofKeys = new Set(["authorization", "x-api-key", "x-goog-api-key"]);

/** Headers about the form of a message and its way (RFC 9110, sections 7.6.1, 8 and 10.1; RFC 9112). */
const ofMessages = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What is wrong with a header; undefined where nothing is. */
function faultOf(name: string, key: Path, before: string | undefined): string | undefined {
  const lower = name.toLowerCase();
  if (ofKeys.has(lower)) {
    return `${showPath(key)} is where the server itself puts the API key: set that with key, key_file or keys`;
  }
  if (lower === "proxy-authorization") {
    return `${showPath(key)} is for proxies, and the server sends it itself: write http://user:password@host:port as proxy`;
  }
  if (ofMessages.has(lower))
    return `${showPath(key)} says how messages are sent, which the server itself does: remove it`;
  if (before !== undefined) return `${showPath(key)} and ${showPath([before])} are the same header: keep one of them`;
  return undefined;
}

/**
 * Headers that a provider's entry can't set.
 *
 * @param path - Of the entry.
 */
export function headerContradictions(path: Path, { headers = {} }: ProviderEntry): Contradiction[] {
  const seen = new Map<string, string>();
  return Object.keys(headers).flatMap((name) => {
    const key = [...path, "headers", name];
    const text = faultOf(name, key, seen.get(name.toLowerCase()));
    seen.set(name.toLowerCase(), name);
    return text === undefined ? [] : [contradiction(key, text)];
  });
}
