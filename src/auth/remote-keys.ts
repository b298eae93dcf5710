import { UnauthenticatedError } from "../errors.ts";
import { dayMs, minuteMs } from "../time.ts";
import type { KeyAlgorithm } from "./algorithms.ts";
import { type FetchedKeys, type KeyCache, readKeyCache, writeKeyCache } from "./key-cache.ts";
import { fetchKeys, parseKeysUrl } from "./key-fetch.ts";
import { parseKeySet } from "./key-set.ts";
import type { CandidateKey, VerificationKeys } from "./keys.ts";

/** Where the keys are. */
export interface RemoteKeysOptions {
  /** Address of the JWK Set: https, or http on this machine. */
  url: string;
  /** What gives the address, for a person: `jwt.jwks_url`. */
  source: string;
  algorithm: KeyAlgorithm;
  /** The file that keeps the keys fetched last, so that a restart works while the issuer is away. */
  cacheFile: string;
  /**
   * Told of what goes wrong, once until it works again. It must not throw.
   *
   * @param error - A FileError or ConfigurationError.
   */
  onProblem(error: unknown): void;
  /** Milliseconds until an answer has to be there; five seconds unless given. */
  timeoutMs?: number | undefined;
}

/** How old keys get before others are fetched. */
const refreshMs = 10 * minuteMs;

/** How long keys that can't be fetched again go on working after they were fetched last. */
const outageMs = dayMs;

/** How long no other fetch is begun after one, however many tokens name keys that are not known. */
const retryMs = minuteMs / 2;

const defaultTimeoutMs = 5000;

/**
 * The keys of an issuer that publishes them as a JWK Set (RFC 7517, section 5). They are fetched when a token is checked and
 * they are ten minutes old, or a token names one that is not known; only in the second case, and where there are none, does a
 * call wait for that.
 */
export class RemoteKeys implements VerificationKeys {
  readonly algorithm: KeyAlgorithm;
  readonly #options: RemoteKeysOptions;
  readonly #cache: KeyCache;
  readonly #closed = new AbortController();
  /** What has been told and has not worked since. */
  readonly #problems = new Set<"fetch" | "file">();
  #fetched: FetchedKeys | undefined;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;
  #revision = 0;

  private constructor(options: RemoteKeysOptions, url: URL) {
    this.algorithm = options.algorithm;
    this.#options = options;
    this.#cache = { file: options.cacheFile, url, algorithm: options.algorithm };
  }

  /**
   * Begins with the keys that were kept. Others are fetched as soon as a verifier is made of them.
   *
   * @throws ConfigurationError when the address can't be used.
   */
  static async open(options: RemoteKeysOptions, now: Date): Promise<RemoteKeys> {
    const url = parseKeysUrl(options.url, options.source);
    const keys = new RemoteKeys(options, url);
    try {
      keys.#fetched = await readKeyCache(keys.#cache, now);
    } catch (error) {
      keys.#tell("file", error);
    }
    return keys;
  }

  /**
   * Fetches the keys, also when they are not old. It never throws: what goes wrong is told to onProblem.
   *
   * @param now - When it is.
   */
  async refresh(now: Date): Promise<void> {
    this.#fetching ??= this.#fetch(now).finally(() => {
      this.#fetching = undefined;
    });
    await this.#fetching;
  }

  async candidatesFor(kid: string | undefined, now: Date): Promise<readonly CandidateKey[]> {
    if (!this.#usable(now)) await this.#refreshUnlessTried(now);
    const known = await this.#find(kid, now);
    if (known.length > 0 || kid === undefined) return known;
    await this.#refreshUnlessTried(now);
    return await this.#find(kid, now);
  }

  /** Asking for it keeps the keys fresh. */
  revision(now: Date): number {
    const age = now.getTime() - (this.#fetched?.fetchedAt ?? Number.NEGATIVE_INFINITY);
    // Of a clock that was set back nobody knows how old the keys are.
    if ((age >= refreshMs || age < 0) && this.#mayTry(now)) void this.refresh(now);
    return this.#revision;
  }

  /** Ends a fetch that is on its way. */
  close(): void {
    this.#closed.abort();
  }

  #usable(now: Date): FetchedKeys | undefined {
    const fetched = this.#fetched;
    return fetched && Math.abs(now.getTime() - fetched.fetchedAt) < outageMs ? fetched : undefined;
  }

  #mayTry(now: Date): boolean {
    const since = now.getTime() - this.#triedAt;
    return !this.#closed.signal.aborted && (since >= retryMs || since < 0);
  }

  async #refreshUnlessTried(now: Date): Promise<void> {
    if (this.#fetching || this.#mayTry(now)) await this.refresh(now);
  }

  async #find(kid: string | undefined, now: Date): Promise<readonly CandidateKey[]> {
    const fetched = this.#usable(now);
    if (!fetched) {
      const reason = this.#fetched ? "those fetched last are over a day old" : "they could not be fetched so far";
      throw new UnauthenticatedError(`the token can't be checked without the issuer's keys: ${reason}`);
    }
    const until = new Date(fetched.fetchedAt + outageMs);
    return (await fetched.set.candidatesFor(kid)).map((key) => ({ key, until }));
  }

  async #fetch(now: Date): Promise<void> {
    const { algorithm, source, timeoutMs = defaultTimeoutMs } = this.#options;
    this.#triedAt = now.getTime();
    try {
      const text = await fetchKeys(this.#cache.url, { timeoutMs, signal: this.#closed.signal });
      const set = await parseKeySet(text, `The JWK Set of ${source}`, algorithm);
      this.#take({ set, fetchedAt: now.getTime() });
    } catch (error) {
      this.#tell("fetch", error);
      return;
    }
    this.#problems.delete("fetch");
    try {
      if (this.#fetched) await writeKeyCache(this.#cache, this.#fetched);
      this.#problems.delete("file");
    } catch (error) {
      this.#tell("file", error);
    }
  }

  #take(fetched: FetchedKeys): void {
    const before = JSON.stringify(this.#fetched?.set.jwks);
    if (before !== JSON.stringify(fetched.set.jwks)) this.#revision += 1;
    this.#fetched = fetched;
  }

  #tell(kind: "fetch" | "file", error: unknown): void {
    if (this.#closed.signal.aborted || this.#problems.has(kind)) return;
    this.#problems.add(kind);
    this.#options.onProblem(error);
  }
}
