import { connect, type Socket } from "node:net";

/** An address that took the connection. */
export interface Dialed {
  readonly socket: Socket;
  readonly address: string;
  /** Addresses that refused, with their errors. */
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly address: string;
  readonly cause: Error;
}

/** No address took the connection. */
export class DialError extends AggregateError {
  constructor(readonly refusals: readonly Refusal[]) {
    super(
      refusals.map(({ cause }) => cause),
      "no address took the connection",
    );
  }
}

/** Milliseconds until the next address is tried beside the one before (RFC 8305, section 5). */
const attemptDelayMs = 250;

/**
 * Connects to the first of several addresses that takes it (RFC 8305).
 *
 * @param addresses - IP addresses in their order of preference.
 * @param signal - Gives up; what was half open is closed.
 * @throws DialError when all refuse; the signal's reason.
 */
export function dial(addresses: readonly string[], port: number, signal: AbortSignal): Promise<Dialed> {
  return new Promise((resolve, reject) => {
    const waiting = [...addresses];
    const open = new Set<Socket>();
    const refusals: Refusal[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    const settle = (winner?: Socket) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      waiting.length = 0;
      for (const socket of open) if (socket !== winner) socket.destroy();
      open.clear();
    };
    const giveUp = () => {
      settle();
      reject(signal.reason);
    };
    const attempt = () => {
      clearTimeout(timer);
      const address = waiting.shift();
      if (address === undefined) {
        if (open.size > 0) return;
        settle();
        return reject(new DialError(refusals));
      }
      const socket = connect({ host: address, port, noDelay: true });
      open.add(socket);
      socket.once("connect", () => {
        if (!open.has(socket)) return;
        settle(socket);
        resolve({ socket, address, refusals });
      });
      socket.on("error", (cause) => {
        if (!open.delete(socket)) return;
        refusals.push({ address, cause });
        attempt();
      });
      if (waiting.length > 0) timer = setTimeout(attempt, attemptDelayMs);
    };

    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    attempt();
  });
}
