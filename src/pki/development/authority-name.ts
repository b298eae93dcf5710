import { hostname, userInfo } from "node:os";

/** Longest common name (RFC 5280, appendix A.1: ub-common-name), in characters. */
const longestName = 64;

/** The process's user, where it has a name: in a container it need not, and the runtime then throws or says "unknown". */
function currentUser(): string | undefined {
  try {
    const { username } = userInfo();
    return username === "unknown" ? undefined : username;
  } catch {
    return undefined;
  }
}

/**
 * The common name of a development CA, by which a person finds it again in a list of trusted ones.
 *
 * @param user - Whose it is; by default the process's user.
 * @param host - The machine it is on.
 */
export function developmentAuthorityName(user = currentUser(), host = hostname()): string {
  const owner = user ? `${user}@${host}` : host;
  const plain = owner.replaceAll(/[^\x20-\x7e]/g, "?");
  const whole = `vibectl-server development CA (${plain})`;
  return whole.length <= longestName ? whole : `${whole.slice(0, longestName - 2)}…)`;
}
