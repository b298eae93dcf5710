import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { type Authority, makeAuthority } from "./certificates.ts";

/** A CA that another one issued a certificate for. */
export async function makeIntermediate(parent: string, root: Authority): Promise<Authority> {
  const made = await makeAuthority(parent, "An intermediate");
  writeFileSync(join(made.folder, "ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
  const run = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: made.folder, stdin: "ignore" });
    if (exitCode !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  };
  run("req", "-new", "-key", "ca.key", "-subj", "/CN=An intermediate", "-out", "ca.csr");
  const signer = ["-CA", root.bundle, "-CAkey", join(root.folder, "ca.key"), "-extfile", "ca.ext"];
  run("x509", "-req", "-in", "ca.csr", ...signer, "-out", "ca.crt", "-days", "2");
  return made;
}

export interface Running extends Disposable {
  port: number;
  /** What clients sent, beyond handshakes where it is TLS. */
  heard: Buffer[];
}

async function listen(server: Server, sockets: Set<Socket>, heard: Buffer[]): Promise<Running> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const dispose = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, heard, [Symbol.dispose]: dispose };
}

/** Starts a server with TLS on a free port of loopback. */
export function startTls(options: TlsOptions): Promise<Running> {
  const sockets = new Set<Socket>();
  const heard: Buffer[] = [];
  const server = createServer({ ALPNProtocols: ["h2"], ...options }, (socket) => {
    sockets.add(socket.on("error", () => socket.destroy()).on("data", (bytes) => heard.push(Buffer.from(bytes))));
  });
  server.on("tlsClientError", (_, socket) => socket.destroy());
  return listen(server, sockets, heard);
}

/** Starts a server without TLS. */
export function startTcp(greet: (socket: Socket) => void): Promise<Running> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => socket.destroy()));
    greet(socket);
  });
  return listen(server, sockets, []);
}
