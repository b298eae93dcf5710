import { Metadata } from "@grpc/grpc-js";
import { type AbortReason, CallAbortedError } from "../errors.ts";
import { type ClientCertificate, clientCertificateOf, retireConnectionOf } from "./client-certificate.ts";
import type { CallContext, CallEnd, ContextKey } from "./context.ts";
import { formatPeer } from "./peer.ts";
import { statusCodes, statusOf } from "./status.ts";

/**
 * A caller's own deadline passes a little before the server's copy of it: a call that is dropped this close to it, in
 * milliseconds, ended by the deadline.
 */
const deadlineSlackMs = 20;

/** The longest a timer can run, in milliseconds; a later deadline is as good as none. */
const longestTimerMs = 2 ** 31 - 1;

/** A status in the form that grpc-js takes. */
export interface WireStatus {
  code: number;
  details: string;
  metadata: Metadata;
}

/** What grpc-js's four kinds of calls have in common. */
export interface Wire {
  readonly metadata: Metadata;
  getPath(): string;
  getPeer(): string;
  getDeadline(): Date | number;
  once(event: "cancelled", listener: () => void): unknown;
}

/** The context of one call, and the one place where its outcome is settled. */
export class Call implements CallContext {
  readonly path: string;
  readonly startedAt = performance.now();
  readonly #wire: Wire;
  readonly #sendFailure: (status: WireStatus) => void;
  readonly #released: (call: Call) => void;
  readonly #deadlineMs: number;
  readonly #deadlineTimer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #abortError: CallAbortedError | undefined;
  #values: Map<symbol, unknown> | undefined;
  #trailers: Metadata | undefined;
  #peer: string | undefined;
  #end: CallEnd | undefined;
  #endListeners: ((end: CallEnd) => void)[] | undefined;
  #handlerReturned = false;
  #wireClosed = false;

  /**
   * @param wire - grpc-js's side of the call.
   * @param sendFailure - Sends the status when the call fails.
   * @param released - Told when the handler has returned and the caller has the status or is gone: nothing is left of
   * the call then.
   */
  constructor(wire: Wire, sendFailure: (status: WireStatus) => void, released: (call: Call) => void) {
    this.path = wire.getPath();
    this.#wire = wire;
    this.#sendFailure = sendFailure;
    this.#released = released;
    this.#deadlineMs = Number(wire.getDeadline());
    if (this.#deadlineMs - Date.now() <= longestTimerMs) {
      // grpc-js has its own timer, but tells of it only when the caller has read everything written so far.
      this.#deadlineTimer = setTimeout(() => this.abort("deadline"), Math.max(0, this.#deadlineMs - Date.now()));
    }
    wire.once("cancelled", () => this.#closeWire());
  }

  get method(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortError !== undefined) {
        this.#controller.abort(this.#abortError);
      }
    }
    return this.#controller.signal;
  }

  get deadline(): Date | undefined {
    return this.#deadlineMs === Number.POSITIVE_INFINITY ? undefined : new Date(this.#deadlineMs);
  }

  get peer(): string {
    this.#peer ??= formatPeer(this.#wire.getPeer());
    return this.#peer;
  }

  get clientCertificate(): ClientCertificate | undefined {
    return clientCertificateOf(this.#wire);
  }

  /** Whether the outcome is settled. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** What aborted the call. */
  get abortError(): CallAbortedError | undefined {
    return this.#abortError;
  }

  /** What is sent with the status; absent when nothing was set. */
  get trailers(): Metadata | undefined {
    return this.#trailers;
  }

  metadata(name: string): readonly string[] {
    return this.#wire.metadata.get(name).map((value) => (typeof value === "string" ? value : value.toString("base64")));
  }

  setTrailer(name: string, value: string): void {
    this.#trailers ??= new Metadata();
    this.#trailers.set(name, value);
  }

  retireConnection(): void {
    retireConnectionOf(this.#wire);
  }

  get<T>(key: ContextKey<T>): T {
    const values = this.#values;
    return values?.has(key.id) ? (values.get(key.id) as T) : key.fallback;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#values ??= new Map();
    this.#values.set(key.id, value);
  }

  onEnd(listener: (end: CallEnd) => void): void {
    if (this.#end !== undefined) {
      listener(this.#end);
    } else if (this.#endListeners === undefined) {
      this.#endListeners = [listener];
    } else {
      this.#endListeners.push(listener);
    }
  }

  /** Settles that the call ended well; its reply is the adapter's to send. */
  succeed(): void {
    this.#settle({ code: "OK" });
  }

  /**
   * Settles that the call failed, and tells the caller. It does nothing when the call has ended already.
   *
   * @param error - Whatever was thrown.
   */
  fail(error: unknown): void {
    if (this.ended) {
      return;
    }
    const { code, details, trailers } = statusOf(error);
    for (const name in trailers) {
      this.setTrailer(name, String(trailers[name]));
    }
    if (!this.#wireClosed) {
      this.#sendFailure({ code: statusCodes[code], details, metadata: this.#trailers ?? new Metadata() });
    }
    this.#settle({ code, error });
  }

  /**
   * Ends the call before its time: its signal aborts and the caller, where there still is one, gets the status at once.
   * It does nothing when the call has ended already.
   */
  abort(reason: AbortReason): void {
    if (this.ended) {
      return;
    }
    this.#abortError = new CallAbortedError(reason);
    this.#controller?.abort(this.#abortError);
    this.fail(this.#abortError);
  }

  /** Tells that the handler, with everything it has to undo, is done. */
  handlerReturned(): void {
    this.#handlerReturned = true;
    this.#releaseWhenDone();
  }

  /** grpc-js says "cancelled" when the caller is gone and also when the status was sent: either way, nobody listens any more. */
  #closeWire(): void {
    this.#wireClosed = true;
    this.abort(this.#deadlineMs - Date.now() < deadlineSlackMs ? "deadline" : "client");
    this.#releaseWhenDone();
  }

  #settle(end: CallEnd): void {
    this.#end = end;
    clearTimeout(this.#deadlineTimer);
    const listeners = this.#endListeners;
    if (listeners !== undefined) {
      for (const listener of listeners) {
        listener(end);
      }
    }
  }

  #releaseWhenDone(): void {
    if (this.#handlerReturned && this.#wireClosed) {
      this.#released(this);
    }
  }
}
