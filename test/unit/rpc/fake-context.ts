import type { ClientCertificate } from "../../../src/rpc/client-certificate.ts";
import type { CallContext, CallEnd, ContextKey } from "../../../src/rpc/context.ts";

/** A call's context without a wire behind it. */
export class FakeContext implements CallContext {
  readonly path: string = "/test.Service/Method";
  readonly method: string = "Method";
  readonly signal = new AbortController().signal;
  readonly deadline = undefined;
  readonly peer = "192.0.2.1:4242";
  readonly startedAt = performance.now();
  readonly clientCertificate: ClientCertificate | undefined;
  /** How often the connection was retired. */
  retirements = 0;
  readonly trailers = new Map<string, string>();
  readonly #metadata: Readonly<Record<string, readonly string[]>>;
  readonly #values = new Map<symbol, unknown>();
  readonly #endListeners: ((end: CallEnd) => void)[] = [];

  constructor(metadata: Readonly<Record<string, readonly string[]>> = {}, clientCertificate?: ClientCertificate) {
    this.#metadata = metadata;
    this.clientCertificate = clientCertificate;
  }

  metadata(name: string): readonly string[] {
    return this.#metadata[name] ?? [];
  }

  setTrailer(name: string, value: string): void {
    this.trailers.set(name, value);
  }

  retireConnection(): void {
    this.retirements++;
  }

  get<T>(key: ContextKey<T>): T {
    return this.#values.has(key.id) ? (this.#values.get(key.id) as T) : key.fallback;
  }

  set<T>(key: ContextKey<T>, value: T): void {
    this.#values.set(key.id, value);
  }

  onEnd(listener: (end: CallEnd) => void): void {
    this.#endListeners.push(listener);
  }

  /** Ends the call. */
  end(end: CallEnd): void {
    for (const listener of this.#endListeners) {
      listener(end);
    }
  }
}
