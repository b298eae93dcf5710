import { connect, type Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import { startTcp, type TcpServer } from "./tcp-server.ts";

/** A proxy that a test can look at. */
export interface ConnectProxy extends AsyncDisposable {
  server: TcpServer;
  port: number;
  /** The heads of the requests that it got. */
  heads: string[];
}

/** How a proxy behaves. */
export interface ProxyBehaviour {
  /** Where everything is sent, whatever was asked for: no name has to be resolved. */
  upstreamPort: number;
  /** `user:password` that it wants. */
  credentials?: string;
  /** What it answers to everything, instead of doing it. */
  refusal?: string;
  tls?: TlsOptions;
}

function isAllowed(head: string, credentials: string | undefined): boolean {
  if (credentials === undefined) return true;
  return (
    head.includes(`roxy-Authorization: Basic ${btoa(credentials)}`) ||
    head.includes(`roxy-authorization: Basic ${btoa(credentials)}`)
  );
}

/** Hands a connection through to the upstream, with what the client has sent already. */
function relay(client: Socket, upstreamPort: number, first: string | undefined): void {
  const upstream = connect({ host: "127.0.0.1", port: upstreamPort });
  upstream.on("error", () => client.destroy());
  upstream.on("close", (isBroken) => isBroken && client.destroy());
  client.on("close", () => upstream.destroy());
  upstream.on("connect", () => {
    if (first === undefined) client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    else upstream.write(first, "latin1");
    client.pipe(upstream);
    upstream.pipe(client);
  });
}

/** Starts a proxy that opens tunnels, and takes requests with whole addresses (RFC 9112, sections 3.2.2 and 3.2.3). */
export async function startProxy(behaviour: ProxyBehaviour): Promise<ConnectProxy> {
  const { upstreamPort, credentials, refusal, tls } = behaviour;
  const heads: string[] = [];
  const speak = (client: Socket) => {
    let seen = "";
    const onData = (piece: Buffer) => {
      seen += piece.toString("latin1");
      if (!seen.includes("\r\n\r\n")) return;
      client.off("data", onData);
      heads.push(seen.slice(0, seen.indexOf("\r\n\r\n")));
      if (refusal !== undefined) client.end(refusal);
      else if (!isAllowed(seen, credentials))
        client.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      else relay(client, upstreamPort, seen.startsWith("CONNECT ") ? undefined : seen);
    };
    client.on("data", onData);
  };
  const server = await startTcp(speak, tls);
  return { server, port: server.port, heads, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
