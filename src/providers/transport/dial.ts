import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { HttpProxy } from "./proxy.ts";
import { describeSystemCode, isUnknownAuthority, systemCodeOf, TransportError } from "./transport-error.ts";
import { openTunnel } from "./tunnel.ts";

/** Where a connection leads, and on which way. */
export interface Route {
  /** The target's scheme, host and port. */
  origin: URL;
  /** None for the direct way. */
  proxy: HttpProxy | undefined;
  /** The CAs that are trusted; the runtime's own when undefined. */
  trust: SecureContext | undefined;
  /** Finds the addresses of a name; the system does so when left out. */
  lookup?: LookupFunction;
}

interface Endpoint {
  host: string;
  port: number;
  isSecure: boolean;
}

/** A silent connection is probed after so many milliseconds, so that what is between keeps it, and a dead one is noticed. */
const probeAfterMs = 60_000;

const ignore = () => undefined;

/** Resolves when the socket is open. A socket that is not to be waited for any more is closed at once. */
function opened(socket: Socket, event: "connect" | "secureConnect", signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      signal.removeEventListener("abort", onAbort);
      socket.off(event, onOpen).off("error", onError).off("close", onClose);
      then();
    };
    const onOpen = () => settle(resolve);
    const onError = (error: unknown) => settle(() => reject(error));
    const onClose = () => settle(() => reject(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    const onAbort = () => {
      socket.destroy();
      settle(() => reject(signal.reason));
    };
    // An error may come at any time, and one that nobody listens to ends the process.
    socket.on("error", ignore);
    socket.once(event, onOpen).once("error", onError).once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** A name in TLS is a host's (RFC 6066, section 3), never an address. */
function tlsOptions(host: string, trust: SecureContext | undefined) {
  const ALPNProtocols = ["http/1.1"];
  return { host, ALPNProtocols, ...(isIP(host) ? {} : { servername: host }), ...(trust && { secureContext: trust }) };
}

async function openEndpoint(
  { host, port, isSecure }: Endpoint,
  { trust, lookup }: Route,
  signal: AbortSignal,
): Promise<Socket> {
  const options = { port, ...(lookup && { lookup }) };
  const socket = isSecure ? connectTls({ ...options, ...tlsOptions(host, trust) }) : connectTcp({ ...options, host });
  await opened(socket, isSecure ? "secureConnect" : "connect", signal);
  socket.setNoDelay(true).setKeepAlive(true, probeAfterMs);
  return socket;
}

function endpointOf({ hostname, port, protocol }: URL): Endpoint {
  const isSecure = protocol === "https:";
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (isSecure ? 443 : 80)), isSecure };
}

/** A failure on the way, in words that say at which of its ends it was. */
function describeFailure(thrown: unknown, proxy: HttpProxy | undefined): TransportError {
  if (thrown instanceof TransportError) return thrown;
  const code = systemCodeOf(thrown) || "unknown";
  const meaning = describeSystemCode(code);
  if (!proxy) return new TransportError("connection", code, meaning, { cause: thrown });
  const message = `the proxy on the way to it can't be used: ${meaning}`;
  if (isUnknownAuthority(code)) return new TransportError("connection", code, message, { cause: thrown });
  const hint = `The server's operator has to check the proxy in ${proxy.source}, and whether it runs.`;
  return new TransportError("connection", "proxy_unreachable", message, { hint, cause: thrown });
}

async function reach(endpoint: Endpoint, route: Route, signal: AbortSignal): Promise<Socket> {
  try {
    return await openEndpoint(endpoint, route, signal);
  } catch (thrown) {
    throw signal.aborted ? signal.reason : describeFailure(thrown, route.proxy);
  }
}

/**
 * Opens a connection: TCP, TLS where the target has it, and a tunnel where a proxy is on the way (RFC 9110, section
 * 9.3.6). To a target without TLS a proxy needs no tunnel.
 *
 * @param route - Where it leads.
 * @param signal - Closes what has been opened, at once.
 * @throws TransportError, or the signal's reason.
 */
export async function dial(route: Route, signal: AbortSignal): Promise<Socket> {
  const { origin, proxy, trust } = route;
  signal.throwIfAborted();
  const target = endpointOf(origin);
  if (!proxy) return await reach(target, route, signal);
  const way = await reach({ ...endpointOf(proxy.url) }, route, signal);
  if (!target.isSecure) return way;
  await openTunnel(way, { authority: `${origin.hostname}:${target.port}`, proxy, signal });
  const socket = connectTls({ socket: way, ...tlsOptions(target.host, trust) });
  try {
    await opened(socket, "secureConnect", signal);
  } catch (thrown) {
    way.destroy();
    throw signal.aborted ? signal.reason : describeFailure(thrown, undefined);
  }
  return socket;
}
