/** What one call asks of its transport, and what the transport tells of it. */
export interface CallTerms {
  /** Milliseconds until the first byte of the answer's body; no limit when left out, as for an answer that is not streamed. */
  firstByteMs?: number | undefined;
  /** Milliseconds between two pieces of the answer's body; no limit when left out. */
  betweenChunksMs?: number | undefined;
  /** Told once, when the request begins to go out on a connection: from here on the provider may charge for it. */
  onSent?(): void;
}

// The AI SDK hands a call's signal on to its transport, and nothing else of the call.
const terms = new WeakMap<AbortSignal, CallTerms>();

/**
 * Keeps what a call asks of its transport beside the call's signal.
 *
 * @param signal - The signal that the request will be sent with; one signal is for one request.
 */
export function setCallTerms(signal: AbortSignal, asked: CallTerms): void {
  terms.set(signal, asked);
}

/** What was kept beside a signal; nothing for a request that is not a model's call. */
export function callTermsOf(signal: AbortSignal | null | undefined): CallTerms {
  return (signal && terms.get(signal)) ?? {};
}
