import { existsSync } from "node:fs";
import { UsageError } from "../errors.ts";
import { parseServerUrl, type ServerUrl } from "./server-url.ts";

/** Ports that the schemes of other programs stand for; all others mean the one of this server. */
const defaultPorts: Readonly<Record<string, number>> = { https: 443 };

const encrypted = ["vibectl-server", "https", "grpcs", "tls"];
const plain = ["vibectl-server-insecure", "http", "grpc", "h2c"];

/** Of a web page only the host is wanted; where an @ follows, it could be a token's. */
function withoutPath(rest: string): string {
  return /^[^/?#]*(?=[/?#][^@]*$)/.exec(rest)?.[0] ?? rest;
}

function parseUrl(scheme: string, rest: string): ServerUrl {
  if (plain.includes(scheme)) {
    throw new UsageError(`A server at ${scheme}:// speaks plain text: there is no certificate to look at`, {
      hint: "Name a server that speaks TLS, as vibectl-server://HOST[:PORT] or HOST:PORT.",
    });
  }
  if (!encrypted.includes(scheme)) return parseServerUrl(`${scheme}://${rest}`);
  const place = scheme === "vibectl-server" ? rest : withoutPath(rest);
  const port = /:\d*$/.test(place) ? undefined : defaultPorts[scheme];
  return parseServerUrl(`vibectl-server://${place}${port === undefined ? "" : `:${port}`}`);
}

/** `HOST:PORT`, and what has a token in it: as a path that would be shown. */
const serverForm = /^[^/\\]+:\d{1,5}$|@|^eyJ[\w-]*\.[\w-]+\./;

/**
 * Tells a server from a file: one is a URL, or `HOST:PORT` where no file has that name.
 *
 * @param source - `vibectl-server://HOST[:PORT]`, `https://HOST[:PORT]`, `grpcs://…`, `tls://…`, `HOST:PORT`, or a path.
 * @returns Undefined for a file.
 * @throws UsageError when the URL is wrong or of a server without TLS; a token in it is never shown.
 */
export function parseInspectSource(source: string): ServerUrl | undefined {
  if (source.trim() === "") {
    throw new UsageError("SOURCE is empty", { hint: "Name a certificate's file, or a server as HOST:PORT." });
  }
  const [, scheme, rest] = /^([^:/?#@]*):\/\/(.*)$/s.exec(source.trim()) ?? [];
  if (scheme !== undefined && rest !== undefined) return parseUrl(scheme.toLowerCase(), rest);
  const isServer = serverForm.test(source) && !existsSync(source);
  return isServer ? parseServerUrl(`vibectl-server://${source}`) : undefined;
}
