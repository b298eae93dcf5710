import type { Socket } from "node:net";
import type { WireRequest } from "./request-reader.ts";

/** Head of an answer. */
export interface Head {
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/** How long bytes are given to be read before the connection goes, in milliseconds: whoever learns of both at once may drop them. */
export const lingerMs = 60;

function headText({ status = 200, headers = {} }: Head): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Status ${status}\r\n${lines.join("")}\r\n`;
}

/** One request that has come in, and the wire to answer it on, in any way at all. */
export class Exchange {
  readonly request: WireRequest;
  /** How many requests for this path there were, this one included. */
  readonly count: number;
  /** When the request was complete, in milliseconds of `performance.now()`. */
  readonly arrivedAt = performance.now();
  /** When the connection was closed. */
  closedAt: number | undefined;
  /** Who closed it. */
  closedBy: "client" | "upstream" | undefined;
  /** Whether the answer was given to its end, and the connection is free for another. */
  complete = false;
  /** Settles when the connection is closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;

  constructor(socket: Socket, request: WireRequest, count: number) {
    this.#socket = socket;
    this.request = request;
    this.count = count;
    this.closed = new Promise((resolve) =>
      socket.once("close", () => {
        this.closedAt = performance.now();
        this.closedBy ??= "client";
        resolve();
      }),
    );
  }

  /** Whether the answer is to be streamed. */
  get streamed(): boolean {
    return /"stream": *true/.test(this.request.body);
  }

  /** Whether the connection still stands. */
  get open(): boolean {
    return this.closedAt === undefined && !this.#socket.destroyed;
  }

  /** Writes bytes as they are. */
  write(bytes: string | Uint8Array): void {
    if (this.open) this.#socket.write(bytes);
  }

  /** Writes the head of an answer and nothing else. */
  head(head: Head): void {
    this.write(headText(head));
  }

  /** Gives a whole answer. */
  answer({ status, headers }: Head, body: string | Uint8Array): void {
    const length = String(Buffer.byteLength(body));
    this.head({ ...(status === undefined ? {} : { status }), headers: { ...headers, "content-length": length } });
    this.write(body);
    this.complete = true;
  }

  /** Gives a whole answer of JSON. */
  json(document: unknown, head: Head = {}): void {
    this.answer(
      { ...head, headers: { "content-type": "application/json", ...head.headers } },
      JSON.stringify(document),
    );
  }

  /** Begins an answer that comes in chunks (RFC 9112, section 7.1). */
  begin(headers: Head["headers"] = {}): void {
    this.head({ headers: { "content-type": "text/event-stream", "transfer-encoding": "chunked", ...headers } });
  }

  /** Writes one chunk of it. */
  chunk(bytes: string | Uint8Array): void {
    const data = Buffer.from(bytes);
    this.write(Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]));
  }

  /** Ends it. */
  end(): void {
    this.write("0\r\n\r\n");
    this.complete = true;
  }

  /** Closes the connection, once what was written has had time to be read: a FIN. */
  close(): void {
    this.closedBy ??= "upstream";
    setTimeout(() => this.#socket.end(), lingerMs);
  }

  /** Resets the connection, once what was written has had time to be read: a RST. */
  reset(): void {
    this.closedBy ??= "upstream";
    setTimeout(() => this.#socket.resetAndDestroy(), lingerMs);
  }

  /** Closes the connection right behind what was written. */
  closeAtOnce(): void {
    this.closedBy ??= "upstream";
    this.#socket.end();
  }

  /** Resets the connection now, with what waits to be read. */
  resetAtOnce(): void {
    this.closedBy ??= "upstream";
    this.#socket.resetAndDestroy();
  }

  /**
   * Does something again and again while the connection stands.
   *
   * @param ms - Milliseconds from one time to the next.
   */
  every(ms: number, act: () => void): void {
    const timer = setInterval(() => act(), ms);
    void this.closed.then(() => clearInterval(timer));
  }

  /** Writes the same bytes without end, as fast as they are read. */
  pour(bytes: Uint8Array): void {
    const fill = () => {
      // A turn of the loop for each piece, so that everybody else has theirs.
      if (this.open && this.#socket.write(bytes)) setImmediate(fill);
    };
    this.#socket.on("drain", fill);
    fill();
  }
}
