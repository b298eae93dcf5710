import { basicAuthorization, credentialsIn } from "./url-credentials.ts";

/** A request as it goes out. */
export interface Outgoing {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
}

/** What is said of every request unless it says so itself. Some servers answer nobody who doesn't give a name. */
const defaults = { accept: "*/*", "user-agent": "vibectl-server" };

/**
 * Puts a request of fetch into the form in which it is sent.
 *
 * @param input - What fetch was given.
 * @param init - What it was given with it.
 * @param extra - Headers that stand in place of the request's own.
 */
export async function outgoing(
  input: string | URL | Request,
  init: RequestInit,
  extra: Readonly<Record<string, string>>,
): Promise<Outgoing> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request ? request.url : input.toString());
  const headers = new Headers(init.headers ?? request?.headers);
  const body = init.body ?? (request?.body ? new Uint8Array(await request.arrayBuffer()) : null);
  const wrapped = body === null || typeof body === "string" || body instanceof Uint8Array ? body : new Response(body);
  const credentials = credentialsIn(url);
  const contentType = wrapped instanceof Response ? wrapped.headers.get("content-type") : null;
  const own = {
    ...defaults,
    ...(credentials && { authorization: basicAuthorization(credentials) }),
    ...(contentType && { "content-type": contentType }),
    ...Object.fromEntries(headers),
  };
  const forced = Object.entries(extra).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    url,
    method: (init.method ?? request?.method ?? "GET").toUpperCase(),
    headers: { ...own, ...Object.fromEntries(forced), "accept-encoding": "identity" },
    body: wrapped instanceof Response ? new Uint8Array(await wrapped.arrayBuffer()) : wrapped,
  };
}
