import type { Socket } from "node:net";
import { Connection } from "./connection.ts";

/** How a pool is made. */
export interface PoolOptions {
  /** Scheme, host and port of who is at the other end. */
  origin: string;
  /** Connections that are open at the same time. */
  max: number;
  /**
   * Opens another one.
   *
   * @param signal - Closes it while it is being opened.
   */
  dial(signal: AbortSignal | undefined): Promise<Socket>;
}

/** Takes a connection, or undefined for the right to open one. */
type Waiter = (connection: Connection | undefined) => void;

/**
 * The connections to one server. The one that was used last is used next, so that those that are not needed any more fall
 * silent and are closed; who finds none free and may not open another one waits in order.
 */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #drained: (() => void)[] = [];
  #opening = 0;
  #isClosing = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Takes a connection for a request. It is given back with {@link ConnectionPool.give}.
   *
   * @param signal - Ends the waiting for one.
   * @param isFresh - Whether it has to be one that nothing was sent on.
   * @throws The signal's reason, or why none could be opened.
   */
  async take(signal: AbortSignal | undefined, { isFresh = false } = {}): Promise<Connection> {
    signal?.throwIfAborted();
    const idle = isFresh ? undefined : this.#idle.pop();
    if (idle) return idle;
    if (this.#isFull() && isFresh) this.#idle.shift()?.close();
    if (this.#isFull()) {
      const given = await this.#wait(signal);
      if (given) return given;
    } else {
      this.#opening++;
    }
    return await this.#open(signal);
  }

  /** Gives a connection back, whether or not it can be used again. */
  give(connection: Connection): void {
    const next = connection.isOpen ? this.#waiting.shift() : undefined;
    if (!connection.isOpen) this.#forget(connection);
    else if (next) next(connection);
    else if (this.#isClosing) connection.close();
    else this.#idle.push(connection);
  }

  /** Closes the connections that are not in use at once, and the others when they no longer are. */
  async close(): Promise<void> {
    this.#isClosing = true;
    for (const connection of this.#idle.splice(0)) connection.close();
    if (this.#all.size + this.#opening === 0) return;
    await new Promise<void>((resolve) => this.#drained.push(resolve));
  }

  #isFull(): boolean {
    return this.#all.size + this.#opening >= this.#options.max;
  }

  #wait(signal: AbortSignal | undefined): Promise<Connection | undefined> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = (connection) => {
        signal?.removeEventListener("abort", onAbort);
        resolve(connection);
      };
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  /** Whoever comes here has been counted among those that open one. */
  async #open(signal: AbortSignal | undefined): Promise<Connection> {
    try {
      const socket = await this.#options.dial(signal);
      const connection = new Connection(this.#options.origin, socket, (closed) => this.#forget(closed));
      this.#all.add(connection);
      return connection;
    } finally {
      this.#opening--;
      this.#passOn();
    }
  }

  #forget(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    this.#passOn();
  }

  /** Where there is room for a connection, whoever waits for one may open it. */
  #passOn(): void {
    const next = this.#isFull() ? undefined : this.#waiting.shift();
    if (next) {
      this.#opening++;
      next(undefined);
    }
    if (this.#all.size + this.#opening === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }
}
