import { ConfigurationError, FileError, messageOf, type VibectlError } from "../errors.ts";

/** How keys are fetched. */
export interface FetchOptions {
  /** Milliseconds until the whole answer has to be there. */
  timeoutMs: number;
  /** Ends the fetch before. */
  signal: AbortSignal;
}

const largestAnswer = 1024 * 1024;

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Reads the address of a JWK Set.
 *
 * @param text - The address.
 * @param source - What gives it, for a person: `jwt.jwks_url`.
 * @throws ConfigurationError when it is none, holds a password, or others could change what comes from there.
 */
export function parseKeysUrl(text: string, source: string): URL {
  const hint = "Give the address of the issuer's JWK Set, such as https://id.example.com/.well-known/jwks.json";
  const url = URL.parse(text);
  if (!url) throw new ConfigurationError(`${source} is not an address`, { hint });
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(`${source} holds a user or a password`, { hint });
  }
  const isLocal = url.protocol === "http:" && loopback.test(url.hostname);
  if (url.protocol !== "https:" && !isLocal) {
    const found = `${source} has the scheme ${url.protocol}//, which anybody on the way can change`;
    throw new ConfigurationError(found, { hint: `${hint}; http is taken for this machine alone.` });
  }
  return url;
}

/** The address without its query, which may hold a key. */
export function describeUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > largestAnswer) throw new RangeError(`its answer has more than ${largestAnswer} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function refusal({ status }: Response): string | undefined {
  if (status >= 300 && status < 400) return `it answers with a redirect (status ${status}), which is not followed`;
  return status === 200 ? undefined : `it answers with status ${status}`;
}

/**
 * Fetches a JWK Set. A redirect is not followed: it could lead anywhere.
 *
 * @returns The text, which has still to be checked.
 * @throws FileError saying why the keys could not be had.
 */
export async function fetchKeys(url: URL, { timeoutMs, signal }: FetchOptions): Promise<string> {
  const fail = (reason: string, cause?: unknown): VibectlError =>
    new FileError(`The keys at ${describeUrl(url)} can't be fetched: ${reason}`, {
      hint: "Look whether the issuer can be reached from this machine; the keys fetched last go on working for a day.",
      cause,
    });
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      redirect: "manual",
      headers: { accept: "application/jwk-set+json, application/json" },
      signal: AbortSignal.any([limit, signal]),
    });
    const reason = refusal(response);
    if (reason === undefined) return await readBounded(response);
    await response.body?.cancel();
    throw fail(reason);
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw fail(limit.aborted ? `no answer within ${timeoutMs} ms` : messageOf(cause), cause);
  }
}
