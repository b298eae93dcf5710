import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP relay on this machine, whose connections a test can cut under a client. */
export interface Relay {
  port: number;
  /** Resets all connections to it, as the end of a client's process would, and ends it. */
  cut(): void;
}

/**
 * Starts a relay on a free port.
 *
 * @param port - Where it leads.
 */
export async function startRelay(port: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    keep(near);
    keep(far);
    near.pipe(far);
    far.pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
