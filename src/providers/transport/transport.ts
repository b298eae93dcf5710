import { formatSpan } from "../../time.ts";
import type { TransportSettings } from "../settings.ts";
import { type CallTerms, callTermsOf } from "./call-terms.ts";
import type { Connection } from "./connection.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { dial } from "./dial.ts";
import { exchange } from "./exchange.ts";
import { type Outgoing, outgoing } from "./outgoing.ts";
import { type HttpProxy, proxyFor } from "./proxy.ts";
import { TransportError } from "./transport-error.ts";
import { trusting } from "./trust.ts";
import { proxyRefusal } from "./tunnel.ts";
import { within } from "./within.ts";

/** What requests to a provider go through: fetch, over connections of its own. It follows no redirects. */
export type Transport = typeof fetch & {
  /** Lets the requests that run come to their end, and then closes the connections. */
  close(): Promise<void>;
};

type Settings = TransportSettings & { name: string };

/** The connections to one server, and the proxy that requests have to be put to. */
interface Way {
  pool: ConnectionPool;
  /** The proxy that takes requests itself, for want of a tunnel. */
  proxy: HttpProxy | undefined;
}

const standard = { connectMs: 10_000, maxConnections: 1000 };

/** A connection that was closed while it was idle shows that to the next request, within its first round trip. */
const staleMs = 1000;

const lateWords = {
  connect_timeout: { what: "no connection to it stood", key: "connect_seconds" },
  first_byte_timeout: { what: "no answer began", key: "first_byte_seconds" },
  chunk_timeout: { what: "its answer did not go on", key: "between_chunks_seconds" },
} as const;

function lateError(name: string, code: keyof typeof lateWords, allowedMs: number): TransportError {
  const { what, key } = lateWords[code];
  return new TransportError("time", code, `${what} within ${formatSpan(allowedMs)}`, {
    hint: `Try again; the operator can raise providers.${name}.timeouts.${key}.`,
  });
}

/** Tells of the first time that a request goes out, also where it has to go out twice. */
function toldOnce({ onSent, ...terms }: CallTerms): CallTerms {
  let tell = onSent;
  return {
    ...terms,
    onSent() {
      tell?.();
      tell = undefined;
    },
  };
}

/** Whether a request can be sent again, since the server had closed the connection before the request came. */
function isStale(error: unknown, connection: Connection, before: { bytesRead: number; at: number }): boolean {
  return (
    error instanceof TransportError &&
    error.point === "connection" &&
    connection.served > 0 &&
    connection.bytesRead === before.bytesRead &&
    performance.now() - before.at < staleMs
  );
}

/** A proxy that takes requests without a tunnel is told the whole address, and who asks (RFC 9112, section 3.2.2). */
function put({ url, headers, ...rest }: Outgoing, { proxy }: Way) {
  const path = `${url.pathname}${url.search}`;
  if (!proxy) return { ...rest, headers, path };
  const { authorization } = proxy;
  return {
    ...rest,
    path: `${url.origin}${path}`,
    headers: authorization === undefined ? headers : { ...headers, "proxy-authorization": authorization },
  };
}

/**
 * Makes the way that requests take to a provider.
 *
 * @param settings - Its limits, proxy, CAs and headers; `name` is the provider's.
 * @param environment - Where the proxy variables are read.
 * @returns A fetch that fails with TransportError, or with the signal's own reason.
 */
export function createTransport(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Transport {
  const {
    name,
    headers = {},
    connectMs = standard.connectMs,
    maxConnections: max = standard.maxConnections,
  } = settings;
  const ways = new Map<string, Way>();
  const trust = trusting(settings.ca);
  let isClosing = false;

  const makeWay = (url: URL): Way => {
    const origin = new URL(url.origin);
    const proxy = proxyFor(origin, { name, proxy: settings.proxy, environment });
    const open = (signal: AbortSignal | undefined) =>
      within((limit) => dial({ origin, proxy, trust }, limit), {
        ms: connectMs,
        signal,
        late: () => lateError(name, "connect_timeout", connectMs),
      });
    const pool = new ConnectionPool({ origin: url.origin, max, dial: open });
    if (isClosing) void pool.close();
    return { pool, proxy: origin.protocol === "http:" ? proxy : undefined };
  };

  const wayTo = (url: URL): Way => {
    const known = ways.get(url.origin);
    if (known) return known;
    const way = makeWay(url);
    ways.set(url.origin, way);
    return way;
  };

  const send = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? (input instanceof Request ? input.signal : undefined);
    signal?.throwIfAborted();
    const request = await outgoing(input, init, headers);
    const way = wayTo(request.url);
    const options = {
      request: put(request, way),
      signal,
      terms: toldOnce(callTermsOf(signal)),
      checkStatus(status: number) {
        if (status === 407 && way.proxy) throw proxyRefusal(way.proxy, status);
      },
      late: (code: "first_byte_timeout" | "chunk_timeout", ms: number) => lateError(name, code, ms),
    };
    const attempt = (connection: Connection) =>
      exchange(connection, { ...options, onOver: () => way.pool.give(connection) });
    const connection = await way.pool.take(signal);
    const before = { bytesRead: connection.bytesRead, at: performance.now() };
    try {
      return await attempt(connection);
    } catch (error) {
      if (signal?.aborted || !isStale(error, connection, before)) throw error;
    }
    return await attempt(await way.pool.take(signal, { isFresh: true }));
  };

  return Object.assign(send, {
    preconnect: () => undefined,
    async close() {
      isClosing = true;
      await Promise.all([...ways.values()].map(({ pool }) => pool.close()));
    },
  });
}
