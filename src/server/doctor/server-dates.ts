/** How far a server's clock is from this machine's. */
export interface ClockOffset {
  /** Whose clock. */
  host: string;
  /** Milliseconds that it is ahead; below 0 where it is behind. */
  offsetMs: number;
}

/** What notes the dates of answers. */
export interface ServerDates {
  /** Sends requests as the given function does. */
  fetch: typeof fetch;
  /** Makes another function that does so, and notes the dates of its answers as well. */
  watch(inner: typeof fetch): typeof fetch;
  offsets: readonly ClockOffset[];
}

/**
 * Notes the `Date` of every answer (RFC 9110, section 6.6.1), which is in whole seconds.
 *
 * @param inner - What really sends the requests.
 * @param clock - Tells the time of this machine.
 */
export function noteServerDates(inner: typeof fetch, clock: () => Date): ServerDates {
  const offsets: ClockOffset[] = [];
  const watch = (sender: typeof fetch) => {
    const send = async (input: string | URL | Request, init?: RequestInit) => {
      const begun = clock().getTime();
      const response = await sender(input, init);
      const ended = clock().getTime();
      const date = Date.parse(response.headers.get("date") ?? "");
      const url = URL.parse(input instanceof Request ? input.url : String(input));
      // An answer out of a cache on the way says when it was made.
      if (!Number.isNaN(date) && url && !response.headers.has("age")) {
        offsets.push({ host: url.host, offsetMs: date + 500 - (begun + ended) / 2 });
      }
      return response;
    };
    return Object.assign(send, { preconnect: sender.preconnect });
  };
  return { fetch: watch(inner), watch, offsets };
}
