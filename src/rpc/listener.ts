import { lookup } from "node:dns/promises";
import { createServer, type Server, type Socket } from "node:net";
import { ListenError, messageOf, systemCodeOf } from "../errors.ts";

/** Where a server listens. */
export interface Address {
  /** An IP address or a name; an IPv6 address may be in brackets. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** How long a silent connection goes unprobed by TCP, in milliseconds. */
const keepAliveDelayMs = 60_000;

/** A listening socket and the connections that came in through it. */
export interface Listener {
  /** The port in use; an IPv6 host is in brackets. */
  readonly address: Address;
  /** Refuses further connections. Resolves when those that are open have closed. */
  stop(): Promise<void>;
  /** Cuts the connections that are open. */
  destroyConnections(): void;
}

/**
 * Listens for connections.
 *
 * @param address - Where; a name stands for the first address that it resolves to.
 * @param accept - Gets each connection.
 * @throws ListenError when the address can't be had.
 */
export async function listen(address: Address, accept: (connection: Socket) => void): Promise<Listener> {
  const host = address.host.replace(/^\[(.*)\]$/, "$1");
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const connections = new Set<Socket>();
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs },
    (connection) => {
      connections.add(connection);
      connection.on("close", () => connections.delete(connection));
      connection.on("error", () => connection.destroy());
      accept(connection);
    },
  );
  try {
    const { address: resolved } = await lookup(host);
    await bind(server, resolved, address.port);
  } catch (cause) {
    throw listenError(`${shownHost}:${address.port}`, cause);
  }
  const bound = server.address();
  return {
    address: { host: shownHost, port: bound !== null && typeof bound === "object" ? bound.port : address.port },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
    destroyConnections: () => {
      for (const connection of connections) {
        connection.destroy();
      }
    },
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays: an error in accepting a connection later on must not end the process.
    server.on("error", reject);
    server.listen({ host, port }, resolve);
  });
}

const problems: Readonly<Record<string, { what: string; hint: string }>> = {
  EADDRINUSE: {
    what: "the port is in use",
    hint: "Stop the program that listens there, or choose another port.",
  },
  EACCES: {
    what: "this user may not use the port",
    hint: "Choose a port from 1024 up, or give the program the capability CAP_NET_BIND_SERVICE.",
  },
  EADDRNOTAVAIL: {
    what: "the address is not one of this machine's",
    hint: "Use 127.0.0.1 for this machine only, or 0.0.0.0 for every network.",
  },
  ENOTFOUND: {
    what: "the host name does not resolve",
    hint: "Use an address of this machine, or a name that resolves to one.",
  },
};

/**
 * What it means that an address can't be listened on.
 *
 * @param address - As `host:port`.
 * @param cause - What the system said.
 */
export function listenError(address: string, cause: unknown): ListenError {
  const code = systemCodeOf(cause) ?? "";
  const problem = problems[code === "EAI_AGAIN" ? "ENOTFOUND" : code];
  return new ListenError(`can't listen on ${address}: ${problem?.what ?? messageOf(cause)}`, {
    hint: problem?.hint,
    cause,
  });
}
