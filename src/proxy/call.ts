/** What a handler needs to know of the call it answers; the gRPC adapter's context has this shape. */
export interface Call {
  /** Aborted when the answer is no longer wanted; its reason says why. */
  readonly signal: AbortSignal;
  /** When the caller stops waiting; undefined when it set no deadline. */
  readonly deadline: Date | undefined;
  /** When the call arrived, in milliseconds of `performance.now()`. */
  readonly startedAt: number;
}
