import type { Dispatcher } from "undici";
import { type BodyGuard, guardFor } from "./body-guard.ts";
import type { CallTerms } from "./call-terms.ts";
import type { Connection } from "./connection.ts";
import { codingsOf, decode } from "./content-coding.ts";
import { describeFailure } from "./exchange-failure.ts";
import { Stopwatch } from "./stopwatch.ts";
import { TransportError } from "./transport-error.ts";

/** How a request is sent on a connection. */
export interface ExchangeOptions {
  request: Dispatcher.DispatchOptions;
  signal: AbortSignal | undefined;
  terms: CallTerms;
  /**
   * Looks at an answer's status before anybody else does.
   *
   * @throws TransportError when the answer is none of the server's.
   */
  checkStatus(status: number): void;
  /**
   * Makes the error of an answer that does not come or does not go on in time.
   *
   * @param allowedMs - How many milliseconds it had.
   */
  late(code: "first_byte_timeout" | "chunk_timeout", allowedMs: number): TransportError;
  /** Told when the connection is no longer needed. */
  onOver(): void;
}

/** So much of an answer lies here for a reader who is slower than its server, in bytes. */
const readAhead = 64 * 1024;

/** The status of an error says nearly all of it: for its body nobody waits longer, in milliseconds. */
const errorBodyMs = 2000;

/** Statuses whose answers have no body (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5). */
const withoutBody = new Set([204, 205, 304]);

/** One request and its answer on one connection. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly answer = Promise.withResolvers<Response>();
  readonly #connection: Connection;
  readonly #options: ExchangeOptions;
  readonly #stopwatch = new Stopwatch((allowedMs) => this.#onLate(allowedMs));
  readonly #onAbort = () => this.#fail(this.#options.signal?.reason);
  #body: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** What looks at the body as it comes; where it is compressed, that happens when it no longer is. */
  #guard: BodyGuard | undefined;
  #status = 0;
  #hasBegun = false;
  #isOver = false;
  #failure: unknown;
  /** A failure that is told when what came before it has been read. */
  #belated: TransportError | undefined;

  constructor(connection: Connection, options: ExchangeOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  begin(): void {
    const { request, signal } = this.#options;
    if (signal?.aborted) {
      this.answer.reject(signal.reason);
      this.#end();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#connection.dispatch(request, this);
  }

  onRequestStart(): void {
    if (this.#isOver) return;
    const { terms } = this.#options;
    terms.onSent?.();
    this.#stopwatch.expect(terms.firstByteMs);
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    fields: Record<string, string | string[] | undefined>,
    statusText = "",
  ): void {
    if (this.#isOver || status < 200) return;
    // What is thrown here, the client would have to handle, and it fails at that where the end of the connection ends a body.
    try {
      if (status > 599) throw new TransportError("format", "not_http", `its answer has the status ${status}`);
      this.#options.checkStatus(status);
      this.#status = status;
      if (status >= 400) this.#stopwatch.expect(errorBodyMs);
      const headers = new Headers();
      for (const [name, value] of Object.entries(fields)) {
        for (const each of [value ?? []].flat()) headers.append(name, each);
      }
      this.answer.resolve(new Response(this.#open(status, headers), { status, statusText, headers }));
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Uint8Array): void {
    const body = this.#body;
    if (this.#isOver || !body) return;
    this.#hasBegun = true;
    try {
      const guarded = this.#guard ? this.#guard.take(piece) : piece;
      if (guarded) body.enqueue(guarded);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#guard?.isFull) {
      this.#cut();
    } else if ((body.desiredSize ?? 0) <= 0) {
      this.#connection.hold();
      this.#stopwatch.rest();
    } else {
      this.#expectMore();
    }
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    try {
      const rest = this.#guard?.end();
      if (rest) this.#body?.enqueue(rest);
      this.#body?.close();
      this.#stop();
      this.#connection.served++;
      // Whether the connection stays open is known when the client has returned from telling of the end.
      queueMicrotask(() => {
        this.#connection.resume();
        this.#options.onOver();
      });
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseError(_: unknown, error: unknown): void {
    if (this.#isOver) return;
    const failure = describeFailure(error, this.#status !== 0);
    if (failure.point !== "body" || this.#isDrained()) {
      this.#fail(failure);
      return;
    }
    this.#failure = failure;
    this.#belated = failure;
    this.#leave();
  }

  /** Makes the body that is handed on, if there is to be one. */
  #open(status: number, headers: Headers): ReadableStream<Uint8Array> | null {
    if (withoutBody.has(status) || this.#options.request.method === "HEAD") return null;
    const guard = guardFor(status, headers.get("content-type") ?? "");
    const codings = codingsOf(headers.get("content-encoding") ?? "");
    if (!codings && status < 400) {
      throw new TransportError("format", "unknown_coding", "its answer is compressed in a way that nobody asked for");
    }
    const raw = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#body = controller;
        },
        pull: () => this.#resume(),
        cancel: () => this.#leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: readAhead }),
    );
    if (!codings || codings.length === 0) {
      this.#guard = guard;
      return raw;
    }
    headers.delete("content-encoding");
    headers.delete("content-length");
    return decode(raw, codings, { guard, failure: () => this.#failure });
  }

  #isDrained(): boolean {
    return (this.#body?.desiredSize ?? readAhead) >= readAhead;
  }

  #resume(): void {
    if (this.#belated && this.#isDrained()) this.#body?.error(this.#belated);
    if (this.#isOver || !this.#connection.isHeld) return;
    this.#expectMore();
    this.#connection.resume();
  }

  #expectMore(): void {
    if (this.#status < 400) this.#stopwatch.expect(this.#options.terms.betweenChunksMs);
  }

  #onLate(allowedMs: number): void {
    const code = this.#hasBegun ? "chunk_timeout" : "first_byte_timeout";
    if (this.#status >= 400) this.#cut();
    else this.#fail(this.#options.late(code, allowedMs));
  }

  /** Ends a body of which enough is known. */
  #cut(): void {
    if (this.#isOver) return;
    this.#body?.close();
    this.#leave();
  }

  /** Nothing more is to come. */
  #leave(): void {
    if (this.#isOver) return;
    this.#connection.close();
    this.#end();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#connection.close();
    if (this.#body) this.#body.error(error);
    else this.answer.reject(error);
    this.#end();
  }

  #end(): void {
    this.#stop();
    this.#options.onOver();
  }

  #stop(): void {
    this.#isOver = true;
    this.#stopwatch.stop();
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/**
 * Sends a request on a connection. The body of the answer comes as it is read: while nobody reads, the server has to wait.
 *
 * @param connection - One that is free.
 * @param options - The request, and who is told of what.
 * @returns The answer, as soon as its head is there.
 * @throws TransportError, or the signal's reason; the body of the answer fails with the same.
 */
export function exchange(connection: Connection, options: ExchangeOptions): Promise<Response> {
  const run = new Exchange(connection, options);
  run.begin();
  return run.answer.promise;
}
