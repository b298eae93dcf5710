import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from "@grpc/grpc-js";
import { addMethod } from "./adapter.ts";
import { type HandshakeFailure, watchHandshakes } from "./handshake-failures.ts";
import { type Address, type Listener, listen } from "./listener.ts";
import type { Middleware } from "./middleware.ts";
import { RunningCalls } from "./running-calls.ts";
import type { ServedMethod } from "./service.ts";
import { TlsCredentials, type TlsOptions, type TlsUpdate } from "./tls.ts";

/** Leaves room for what stands around 16 MiB of prompt. */
const defaultMaxRequestBytes = 17 * 1024 * 1024;
const defaultMaxConcurrentStreams = 1000;

/** How long aborted calls have to undo what they began, in milliseconds. */
const unwindMs = 1000;
/** How long connections have to send what is left when no call runs any more, in milliseconds. */
const flushMs = 250;

export interface RpcServerOptions {
  /** Made by `implementService`. */
  readonly services: readonly (readonly ServedMethod[])[];
  /** Runs around every method, outermost first. */
  readonly middleware?: readonly Middleware[] | undefined;
  /** Plain text where absent. */
  readonly tls?: TlsOptions | undefined;
  /** Largest request message, in bytes after decompression; 17 MiB unless given. */
  readonly maxRequestBytes?: number | undefined;
  /** Told of connections whose TLS handshake failed. */
  readonly onHandshakeFailure?: ((failure: HandshakeFailure) => void) | undefined;
  /** How many calls one connection may have at the same time; 1000 unless given. */
  readonly maxConcurrentStreams?: number | undefined;
}

/** How a server ends. */
export interface CloseOptions {
  /** How long running calls may go on, in milliseconds. */
  readonly graceMs: number;
}

export interface RpcServer {
  /** Calls whose handler still runs, or whose reply is still on its way. */
  readonly activeCalls: number;

  /**
   * Starts to take calls.
   *
   * @param address - Where; port 0 for any that is free.
   * @returns The address in use, an IPv6 host in brackets.
   * @throws ListenError when the address can't be had.
   */
  listen(address: Address): Promise<Address>;

  /**
   * Presents another certificate to connections that come from now on, and verifies theirs with other CAs where some
   * are given. Connections from before stay as they are.
   *
   * @throws CertificateError when the identity or the CAs can't be used; those of before then stay.
   */
  updateTls(update: TlsUpdate): void;

  /**
   * Stops taking calls at once, lets running ones finish for a while, then aborts them with UNAVAILABLE. It resolves
   * when all connections are closed, at once where no call runs.
   */
  close(options: CloseOptions): Promise<void>;
}

/**
 * Makes a server of gRPC services. It listens when it is told to.
 *
 * @throws CertificateError when the TLS identity or the CAs of the clients can't be used.
 */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  return new GrpcServer(options);
}

class GrpcServer implements RpcServer {
  readonly #calls = new RunningCalls();
  readonly #tls: TlsCredentials | undefined;
  readonly #server: Server;
  readonly #injector: ReturnType<Server["createConnectionInjector"]>;
  #listener: Listener | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: RpcServerOptions) {
    const { services, middleware = [], tls, maxRequestBytes, maxConcurrentStreams, onHandshakeFailure } = options;
    // What grpc-js would write to stderr holds metadata, and errors that are also thrown.
    setLogVerbosity(logVerbosity.NONE);
    this.#tls = tls && new TlsCredentials(tls);
    this.#server = new Server({
      "grpc.max_receive_message_length": maxRequestBytes ?? defaultMaxRequestBytes,
      "grpc.max_send_message_length": -1,
      "grpc.max_concurrent_streams": maxConcurrentStreams ?? defaultMaxConcurrentStreams,
      "grpc.enable_channelz": 0,
    });
    for (const method of services.flat()) {
      addMethod(this.#server, method, middleware, this.#calls);
    }
    this.#injector = this.#server.createConnectionInjector(this.#tls ?? ServerCredentials.createInsecure());
    if (onHandshakeFailure) watchHandshakes(this.#server, onHandshakeFailure);
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  async listen(address: Address): Promise<Address> {
    this.#listener = await listen(address, (connection) => this.#injector.injectConnection(connection));
    return this.#listener.address;
  }

  updateTls(update: TlsUpdate): void {
    if (this.#tls === undefined) {
      throw new TypeError("a server without TLS has no certificate to replace");
    }
    this.#tls.update(update);
  }

  close(options: CloseOptions): Promise<void> {
    this.#closed ??= this.#close(options);
    return this.#closed;
  }

  async #close({ graceMs }: CloseOptions): Promise<void> {
    const disconnected = this.#listener?.stop();
    this.#calls.refuseNew();
    const goAway = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    const idle = this.#calls.idle();
    await within(graceMs, idle);
    this.#calls.abortAll("shutdown");
    await within(unwindMs, idle);
    await within(flushMs, Promise.all([disconnected, goAway]));
    this.#listener?.destroyConnections();
    this.#server.forceShutdown();
  }
}

async function within(ms: number, done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([done, timeout]);
  clearTimeout(timer);
}
