import type { Socket } from "node:net";
import type { HttpProxy } from "./proxy.ts";
import { TransportError } from "./transport-error.ts";

/** What a proxy is asked for. */
export interface TunnelRequest {
  /** The target's host and port. */
  authority: string;
  proxy: HttpProxy;
  signal: AbortSignal;
}

/** A proxy's answer to CONNECT has no body worth reading; its head may have this many bytes. */
const largestHead = 64 * 1024;

/** Why proxies refuse. */
const reasons: Readonly<Record<number, string>> = {
  403: "it does not allow this target",
  407: "it wants another user or password",
  502: "it can't reach the target",
  503: "it can't reach the target",
  504: "it can't reach the target",
};

/**
 * An error of the proxy's own making.
 *
 * @param proxy - Whose; its address and password are not told.
 * @param status - What it answered with.
 */
export function proxyRefusal({ source }: HttpProxy, status: number): TransportError {
  const reason = reasons[status] === undefined ? "" : `: ${reasons[status]}`;
  return new TransportError(
    "connection",
    "proxy_refused",
    `the proxy on the way to it refused (HTTP ${status})${reason}`,
    {
      hint: `The server's operator has to check the proxy in ${source}, its user and password, and what it allows.`,
    },
  );
}

function notHttp({ source }: HttpProxy): TransportError {
  return new TransportError("connection", "proxy_not_http", "the proxy on the way to it gave no answer in HTTP", {
    hint: `The server's operator has to check whether ${source} is the address of an HTTP proxy.`,
  });
}

/** Reads up to the empty line that ends a head (RFC 9112, section 2.1). Nothing may follow: in TLS the client speaks first. */
function readHead(socket: Socket, proxy: HttpProxy, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = "";
    const settle = (then: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.off("data", onData).off("error", onClose).off("close", onClose);
      then();
    };
    const onData = (piece: Buffer) => {
      head += piece.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end !== -1) settle(() => resolve(head.slice(0, end)));
      else if (head.length > largestHead) settle(() => reject(notHttp(proxy)));
    };
    const onClose = () => settle(() => reject(notHttp(proxy)));
    const onAbort = () => settle(() => reject(signal.reason));
    socket.on("data", onData).once("error", onClose).once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Asks a proxy for a tunnel (RFC 9110, section 9.3.6).
 *
 * @param socket - The connection to the proxy; it is the tunnel afterwards, and closed when there is none.
 * @throws TransportError when the proxy refuses, or the signal's reason.
 */
export async function openTunnel(socket: Socket, { authority, proxy, signal }: TunnelRequest): Promise<void> {
  const authorization = proxy.authorization === undefined ? [] : [`Proxy-Authorization: ${proxy.authorization}`];
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, ...authorization];
  try {
    signal.throwIfAborted();
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const head = await readHead(socket, proxy, signal);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (Number.isNaN(status)) throw notHttp(proxy);
    if (status < 200 || status > 299) throw proxyRefusal(proxy, status);
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}
