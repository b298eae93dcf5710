import { messageOf, systemCodeOf } from "../errors.ts";
import { DialError, type Dialed, dial, type Refusal } from "./dial.ts";
import { type Finding, StepFailure } from "./step.ts";

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ETIMEDOUT: "no answer",
  ECONNRESET: "connection reset",
};

function describe({ address, cause }: Refusal): string {
  const code = systemCodeOf(cause);
  return `${address}: ${code === undefined ? messageOf(cause) : (reasons[code] ?? code)}`;
}

function explain(error: DialError, port: number): StepFailure {
  const closed = error.refusals.every(({ cause }) => systemCodeOf(cause) === "ECONNREFUSED");
  const summary = closed ? `nothing listens on port ${port}` : `port ${port} can't be reached`;
  const hint = closed
    ? "Start the server (vibectl-server serve), or check its --host and --port: one on 127.0.0.1 is reached from its own machine alone."
    : "Check the host, this machine's network, and the firewalls between the two.";
  return new StepFailure(summary, { details: error.refusals.map(describe), hint, cause: error });
}

/**
 * Connects to the first address that takes it.
 *
 * @param addresses - IP addresses in their order of preference.
 * @returns The connection, which the caller closes.
 * @throws StepFailure when none takes it; the signal's reason.
 */
export async function tcpStep(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Finding<Dialed>> {
  try {
    const dialed = await dial(addresses, port, signal);
    const summary = `${dialed.address} takes connections on port ${port}`;
    return { outcome: "ok", summary, details: dialed.refusals.map(describe), value: dialed };
  } catch (error) {
    throw error instanceof DialError ? explain(error, port) : error;
  }
}
