import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import Client from "undici/lib/dispatcher/client.js";

/** How long a connection without a request stays open where the server does not say, in milliseconds. */
const keepAliveMs = 60_000;

/** One connection, for one request at a time. */
export class Connection {
  /** Requests that it has answered in full. */
  served = 0;
  readonly #socket: Socket;
  readonly #client: Dispatcher;
  #isHeld = false;

  /**
   * @param origin - Scheme, host and port of who is at the other end.
   * @param socket - Open, and nothing has been sent on it.
   * @param onClosed - Told when it is closed, by whomever.
   */
  constructor(origin: string, socket: Socket, onClosed: (connection: Connection) => void) {
    this.#socket = socket;
    let isNew = true;
    this.#client = new Client(origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveMs,
      connect(_, callback) {
        // The client does not know that it has been given a connection before it has returned.
        const give = isNew
          ? () => callback(null, socket)
          : () => callback(Object.assign(new Error("the connection is closed"), { code: "CLOSED" }), null);
        isNew = false;
        queueMicrotask(give);
      },
    });
    // The client's own way of pausing takes an answer for broken whose end comes just where it paused.
    const read = socket.read.bind(socket);
    socket.read = (size) => (this.#isHeld && size === undefined ? null : read(size));
    socket.once("close", () => onClosed(this));
  }

  /** Whether it can take another request. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** How much has been received on it, in bytes. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Sends a request. */
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler);
  }

  /** Nothing more is read from it, so that the server has to wait, until {@link Connection.resume}. */
  hold(): void {
    this.#isHeld = true;
  }

  /** It is read from again. This is not to be called while it is being read from. */
  resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#socket.emit("readable");
  }

  /** Whether {@link Connection.hold} is in force. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Closes it at once, whatever it is at. */
  close(): void {
    this.#socket.destroy();
  }
}
