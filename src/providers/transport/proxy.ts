import { BlockList, isIP } from "node:net";
import { TransportError } from "./transport-error.ts";
import { basicAuthorization, credentialsIn } from "./url-credentials.ts";

/** A proxy on the way to a provider. */
export interface HttpProxy {
  /** Its address, without user and password. */
  url: URL;
  /** The value of Proxy-Authorization, where it wants one. */
  authorization: string | undefined;
  /** The setting that names it. */
  source: string;
}

/** What says which proxy is to be used. */
export interface ProxyRules {
  /** The provider's name. */
  name: string;
  /** The provider's own proxy, or `none`. */
  proxy?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

function readProxy(address: string, source: string): HttpProxy {
  const url = URL.parse(address.includes("://") ? address : `http://${address}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    throw new TransportError(
      "connection",
      "proxy_unusable",
      "the proxy on the way to it is of a kind that can't be used",
      {
        hint: `The server's operator has to set ${source} to an http or https address, or a provider's own proxy.`,
      },
    );
  }
  const credentials = credentialsIn(url);
  url.username = "";
  url.password = "";
  return { url, authorization: credentials && basicAuthorization(credentials), source };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

function isInSubnet(host: string, network: string, bits: string): boolean {
  const [family, networkFamily] = [isIP(host), isIP(network)];
  if (family === 0 || family !== networkFamily || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const kind = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), kind);
  return list.check(host, kind);
}

/** Whether an entry of NO_PROXY names a host: `*`, a name with all below it, an address or a subnet, each also with a port. */
function names(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const [, network, bits] = /^\[?([^\]/]+)\]?\/(\d+)$/.exec(entry) ?? [];
  if (network !== undefined && bits !== undefined) return isInSubnet(host, network, bits);
  const [, bracketed, plain, only] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, "").toLowerCase();
  return name !== "" && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)));
}

/** The first of some variables that is set to anything; in lower case it goes first, as everywhere. */
function firstSet(environment: ProxyRules["environment"], variables: readonly string[]) {
  const all = variables.flatMap((variable) => [variable.toLowerCase(), variable]);
  const source = all.find((variable) => environment[variable]);
  return source === undefined ? undefined : { source, value: environment[source] ?? "" };
}

/**
 * Finds the proxy on the way to a target: the provider's own, or else the one that HTTPS_PROXY, HTTP_PROXY and ALL_PROXY
 * name, unless NO_PROXY excepts the target. A proxy of the environment is never asked for this machine itself.
 *
 * @param target - Where requests go.
 * @throws TransportError when what is named is no HTTP proxy.
 */
export function proxyFor(target: URL, { name, proxy, environment }: ProxyRules): HttpProxy | undefined {
  if (proxy === "none") return undefined;
  if (proxy) return readProxy(proxy, `providers.${name}.proxy`);
  const found = firstSet(environment, [target.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY", "ALL_PROXY"]);
  if (!found) return undefined;
  const host = target.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const port = target.port || (target.protocol === "https:" ? "443" : "80");
  const exceptions = firstSet(environment, ["NO_PROXY"])?.value.split(/[\s,]+/) ?? [];
  if (isLoopback(host) || exceptions.some((entry) => entry !== "" && names(entry, host, port))) return undefined;
  return readProxy(found.value, found.source);
}
