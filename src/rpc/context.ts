/** Names a value that middleware leaves for what runs after it. Make one with {@link createContextKey}. */
export interface ContextKey<T> {
  readonly id: symbol;
  /** What {@link CallContext.get} gives where nothing was set. */
  readonly fallback: T;
}

/**
 * Makes a key for values of one type.
 *
 * @param description - What the value is, for debugging.
 * @param fallback - What reads as the value until one is set.
 */
export function createContextKey<T>(description: string, fallback: T): ContextKey<T> {
  return { id: Symbol(description), fallback };
}

/** What a call came with, and what middleware adds to it. */
export interface CallContext {
  /** The method's path, such as `/vibectl.llm_proxy.VibectlLLMProxy/Execute`. */
  readonly path: string;
  /** The method's own name, such as `Execute`. */
  readonly method: string;
  /**
   * Aborted when the client cancels or disconnects, when the deadline passes and when the server's grace period for
   * shutting down is over; never by a call that ended well. Its reason is a `CallAbortedError`.
   */
  readonly signal: AbortSignal;
  /** When the caller stops waiting; absent when it set no deadline. */
  readonly deadline: Date | undefined;
  /** The caller's address as `host:port`. */
  readonly peer: string;
  /** When the call arrived, in milliseconds of `performance.now()`. */
  readonly startedAt: number;

  /**
   * A metadata value that the caller sent.
   *
   * @param name - Its key in lower case.
   * @returns Every value sent under that key, as text.
   */
  metadata(name: string): readonly string[];

  /** Sends a value with the status at the end of the call. */
  setTrailer(name: string, value: string): void;

  get<T>(key: ContextKey<T>): T;
  set<T>(key: ContextKey<T>, value: T): void;
}
