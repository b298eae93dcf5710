import type { ClientCertificate } from "./client-certificate.ts";
import type { StatusName } from "./status.ts";

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

/** How a call ended. */
export interface CallEnd {
  /** The status that the caller was given, or would have been given had they stayed. */
  readonly code: StatusName;
  /** What the call failed with, for the log; absent when it ended well. */
  readonly error?: unknown;
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
  /** The caller's address as `host:port`, an IPv6 host in brackets. Read it first while the call runs. */
  readonly peer: string;
  /**
   * What the caller's connection showed in its TLS handshake; undefined where it showed no certificate, the server asked
   * for none, or the connection is in plain text. Read it while the call runs: later it is not verified.
   */
  readonly clientCertificate: ClientCertificate | undefined;
  /** When the call arrived, in milliseconds of `performance.now()`. */
  readonly startedAt: number;

  /**
   * A metadata value that the caller sent.
   *
   * @param name - Its key in lower case.
   * @returns Every value sent under that key, as text; the bytes of a `-bin` key in base64.
   */
  metadata(name: string): readonly string[];

  /**
   * Sends a value with the status at the end of the call, whether it ends well or not.
   *
   * @param name - Its key in lower case.
   * @param value - Printable ASCII.
   */
  setTrailer(name: string, value: string): void;

  /**
   * Closes the caller's connection when the calls on it have ended. The caller has to open another for its next call,
   * and to show who it is anew.
   */
  retireConnection(): void;

  get<T>(key: ContextKey<T>): T;
  set<T>(key: ContextKey<T>, value: T): void;

  /**
   * Runs a listener when the call's outcome is settled: once, however the call ends, and at once where it has ended.
   * For a streamed reply that is when the last message was written.
   *
   * @param listener - Must not throw.
   */
  onEnd(listener: (end: CallEnd) => void): void;
}
