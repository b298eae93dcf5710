/** Bun's own option beside those of the standard. */
type BunRequestInit = RequestInit & { timeout?: boolean };

/**
 * Wraps fetch for calls to a provider. It waits as long as the caller's signal allows, where Bun's own gives up after
 * 300 seconds of silence. It follows no redirect: the key would go to whatever host the answer names.
 *
 * @param inner - What really sends the requests.
 */
export function createTransport(inner: typeof fetch = fetch): typeof fetch {
  const send = (input: string | URL | Request, init?: RequestInit) => {
    const options: BunRequestInit = { ...init, redirect: "manual", timeout: false };
    return inner(input, options);
  };
  return Object.assign(send, { preconnect: inner.preconnect });
}
