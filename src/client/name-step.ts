import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { messageOf, systemCodeOf } from "../errors.ts";
import { count } from "./display-text.ts";
import { type Finding, StepFailure } from "./step.ts";

/**
 * Finds the addresses of a host, in the order in which the system prefers them.
 *
 * @param host - A DNS name or an IP address.
 * @returns IP addresses.
 * @throws StepFailure when there are none.
 */
export async function nameStep(host: string): Promise<Finding<string[]>> {
  if (isIP(host) !== 0) return { outcome: "ok", summary: `${host} is an address`, details: [], value: [host] };
  const found = await lookup(host, { all: true, order: "verbatim" }).catch((cause: unknown) => {
    const code = systemCodeOf(cause);
    const unknown = code === "ENOTFOUND" || code === "ENODATA";
    const reason = unknown ? "has no address" : `can't be looked up: ${code ?? messageOf(cause)}`;
    const hint = unknown
      ? "Check its spelling, and that this machine's DNS or hosts file has it."
      : "Check this machine's DNS.";
    throw new StepFailure(`the name ${host} ${reason}`, { hint, cause });
  });
  const addresses = [...new Set(found.map(({ address }) => address))];
  const several = addresses.length > 1;
  const summary = `${host} is ${several ? count(addresses.length, "address", "addresses") : addresses[0]}`;
  return { outcome: "ok", summary, details: several ? addresses : [], value: addresses };
}
