import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { closest } from "fastest-levenshtein";
import { UsageError } from "../errors.ts";

/** Where a server is and how it is talked to, as vibectl's users write it. */
export interface ServerUrl {
  /** Whether the connection is encrypted and the server's certificate verified; else it is plain text (h2c). */
  readonly tls: boolean;
  /** A DNS name in lower-case ASCII, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The token that stood in the URL: a secret. */
  readonly token: string | undefined;
  /** The host with its port, such as `[::1]:50051` (RFC 3986, section 3.2). */
  readonly authority: string;
  /** The URL without its token, fit to be shown. */
  readonly display: string;
}

const secure = "vibectl-server";
const insecure = "vibectl-server-insecure";
const defaultPort = 50051;
const form = `Write ${secure}://[TOKEN@]HOST[:PORT], or ${insecure}://… for plain text.`;

/** Schemes of other programs that users type, with ours that means the same. */
const foreignSchemes: Readonly<Record<string, string>> = {
  https: secure,
  grpcs: secure,
  tls: secure,
  http: insecure,
  grpc: insecure,
  h2c: insecure,
};

interface Endpoint {
  host: string;
  port: number;
}

// Nothing below shows a piece of the URL that could be a token, put in a wrong place.
function refuse(problem: string, hint = form): never {
  throw new UsageError(`The server's URL is wrong: ${problem}`, { hint });
}

function joinAuthority({ host, port }: Endpoint): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

function parsePort(text: string | undefined): number {
  if (text === undefined || text === "") return defaultPort;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  const shown = /^[\w-]{1,10}$/.test(text) ? `the port ${JSON.stringify(text)}` : "what follows the host";
  return refuse(`${shown} is no number from 1 to 65535`);
}

function parseName(text: string): string {
  if (/^eyJ[\w-]*\.[\w-]+\./.test(text)) refuse("a token stands where the host belongs");
  if (isIP(text) === 4) return text;
  const bare = text.replace(/\.$/, "");
  if (bare === "") refuse("the host is missing");
  if (!/^[\w.\-\u{80}-\u{10ffff}]+$/u.test(bare)) refuse("the host has a character that no host name has");
  // Node's function drops what it can't read, so it is given nothing else than what was looked at above.
  const host = (/^[\w.-]+$/.test(bare) ? bare : domainToASCII(bare)).toLowerCase();
  if (isIP(host) === 4) return host;
  const labels = host.split(".");
  if (host.length > 253 || labels.some((label) => label === "" || label.length > 63)) {
    refuse("the host is no DNS name: a label is empty or too long");
  }
  if (/^\d+$/.test(labels.at(-1) ?? ""))
    refuse(`the host ${JSON.stringify(host)} looks like an IP address, and is none`);
  return host;
}

function parseEndpoint(text: string): Endpoint {
  if (text.startsWith("[")) {
    const [, address, rest = "", port] = /^\[([^\]]*)\](:(.*))?$/.exec(text) ?? [];
    if (address === undefined) refuse("the bracket before the IPv6 address is not closed right before the port");
    if (isIP(address) !== 6 || address.includes("%")) refuse("what stands in brackets is no IPv6 address");
    return { host: new URL(`http://[${address}]/`).hostname.slice(1, -1), port: parsePort(rest && port) };
  }
  if (isIP(text) === 6 || text.split(":").length > 2) {
    refuse("an IPv6 address stands without brackets", `Write ${secure}://[::1]:${defaultPort}.`);
  }
  const [host = "", port] = text.split(":");
  return { host: parseName(host), port: parsePort(port) };
}

function parseToken(text: string): string {
  if (text === "") refuse("nothing stands before the @", `Put the token there, or leave the @ out. ${form}`);
  if (text.includes(":")) refuse("what stands before the @ has a colon, and a token has none");
  let token: string;
  try {
    token = decodeURIComponent(text);
  } catch (cause) {
    throw new UsageError("The server's URL is wrong: a % in the token begins no percent-encoded byte", {
      hint: "Write a % of the token as %25.",
      cause,
    });
  }
  return /^[\x21-\x7e]+$/.test(token) ? token : refuse("the token has a space or another character that no token has");
}

function splitAuthority(text: string): { userinfo: string | undefined; endpoint: string } {
  const at = text.lastIndexOf("@");
  return { userinfo: at < 0 ? undefined : text.slice(0, at), endpoint: text.slice(at + 1) };
}

/** Our own URL for the same place; undefined where that can't be told. */
function suggest(scheme: string, rest: string): string | undefined {
  const { userinfo, endpoint } = splitAuthority(/^[^/?#]*/.exec(rest)?.[0] ?? "");
  try {
    return `${scheme}://${userinfo ? "TOKEN@" : ""}${joinAuthority(parseEndpoint(endpoint))}`;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function refuseScheme(scheme: string | undefined, rest: string): never {
  const known = scheme === undefined ? secure : (foreignSchemes[scheme] ?? closest(scheme, [secure, insecure]));
  const suggestion = suggest(known, rest);
  const shown = scheme !== undefined && /^[a-z][a-z0-9+-]{0,31}$/.test(scheme) ? ` ${scheme}://` : "";
  const problem = scheme === undefined ? "it has no scheme" : `the scheme${shown} is not one of vibectl's`;
  refuse(problem, suggestion ? `Did you mean ${suggestion}?` : form);
}

/**
 * Reads the URL of a server: `vibectl-server://[TOKEN@]HOST[:PORT]`, or `vibectl-server-insecure://…` for plain text.
 * The port is 50051 where it is left out. Internationalised names become punycode (RFC 5891).
 *
 * @throws UsageError that says what is wrong, never showing the token.
 */
export function parseServerUrl(text: string): ServerUrl {
  const [, givenScheme, rest] = /^([^:/?#@]*):\/\/(.*)$/s.exec(text.trim()) ?? [];
  if (givenScheme === undefined || rest === undefined) return refuseScheme(undefined, text.trim());
  const scheme = givenScheme.toLowerCase();
  if (scheme !== secure && scheme !== insecure) return refuseScheme(scheme, rest);
  const [, authority = "", path = ""] = /^([^/?#]*)(.*)$/s.exec(rest) ?? [];
  if (path !== "" && path !== "/") refuse("it goes on after the port");
  const { userinfo, endpoint } = splitAuthority(authority);
  const token = userinfo === undefined ? undefined : parseToken(userinfo);
  const { host, port } = parseEndpoint(endpoint);
  const place = joinAuthority({ host, port });
  return {
    tls: scheme === secure,
    host,
    port,
    token,
    authority: place,
    display: `${scheme}://${token === undefined ? "" : "***@"}${place}`,
  };
}
