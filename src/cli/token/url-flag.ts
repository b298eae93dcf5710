import { shown } from "../../auth/shown-text.ts";
import { parseServerUrl } from "../../client/server-url.ts";
import { ConfigurationError, UsageError } from "../../errors.ts";
import { isLoopback } from "../../server/exposure.ts";
import { urlHost } from "../shell-word.ts";
import type { TokenTools } from "./token-tools.ts";

/** Where clients are to find the server. */
export interface UrlTarget {
  /** A DNS name in lower-case ASCII, or an IP address without brackets. */
  host: string;
  /** Undefined: as the configuration has it. */
  port: number | undefined;
  /** Whether the server has TLS; undefined: as the configuration has it. */
  tls?: boolean | undefined;
}

const hint = "Write a name or an address, and its port: llm.example.com:50051, [2001:db8::1]:50051.";

/**
 * Reads the value of `--url`: `HOST[:PORT]`.
 *
 * @throws UsageError when it is anything else.
 */
export function parseUrlFlag(text: string): UrlTarget {
  // Before an @ stands a token, which is not repeated.
  if (text.includes("@")) throw new UsageError("--url takes no @: the token is put before the host", { hint });
  const wrong = (reason: string, cause?: unknown) =>
    new UsageError(`--url is ${shown(text)}, which is no HOST[:PORT]: ${reason}`, { hint, cause });
  if (text.includes("://")) throw wrong("the scheme is put there by the configuration");
  if (/[/?#]/.test(text)) throw wrong("it goes on after the port");
  if (/\s/.test(text)) throw wrong("it has a blank");
  const port = /:(\d*)$/.exec(text.slice(text.lastIndexOf("]") + 1))?.[1];
  if (port === "") throw wrong("the port is missing after the colon");
  try {
    const url = parseServerUrl(`vibectl-server://${text}`);
    return { host: url.host, port: port === undefined ? undefined : url.port };
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    throw wrong(cause.message.replace(/^The server's URL is wrong: /, ""), cause);
  }
}

/** What is to be said of a URL over which a token travels unencrypted to another machine. */
export function plainTextWarning(target: UrlTarget, server: TokenTools["serverUrl"]): string | undefined {
  if ((target.tls ?? server.tls) || isLoopback(target.host)) return undefined;
  const warning = `with this URL the token travels unencrypted to ${target.host}`;
  if (target.tls === false) return warning;
  return `${warning}, because server.use_tls is false; where the server is started with TLS, give --tls`;
}

/**
 * Finds out where a client's URL leads.
 *
 * @param server - What the configuration says of it.
 * @returns Makes the URL with a token in it.
 * @throws ConfigurationError when neither says a port.
 */
export function clientUrl(target: UrlTarget, server: TokenTools["serverUrl"]): (token: string) => string {
  const port = target.port ?? server.port;
  const host = urlHost(target.host);
  if (port === 0) {
    throw new ConfigurationError("--url needs a port: the configuration leaves it to the system (server.port is 0)", {
      hint: `Write it behind the host: --url ${host}:50051`,
    });
  }
  const scheme = (target.tls ?? server.tls) ? "vibectl-server" : "vibectl-server-insecure";
  return (token) => `${scheme}://${token}@${host}:${port}`;
}
