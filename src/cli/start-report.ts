import { styleText } from "node:util";
import { coversHost } from "../pki/host-names.ts";
import type { ServerSummary } from "../server/start.ts";
import { formatDay } from "../time.ts";
import { shellWord, urlHost } from "./shell-word.ts";

const outcomes = {
  loaded: "",
  kept: "",
  issued: ", issued just now",
  reissued: ", issued anew just now",
} as const;

function tlsLines({ tls, tlsOrigin }: ServerSummary): Array<[string, string]> {
  const origin = tlsOrigin === "default" ? "by default" : `by ${tlsOrigin}`;
  if (!tls) return [["TLS", `off ${origin} (--tls or --generate-certs turns it on)`]];
  const { hosts, notAfter, sourceName, outcome, issuedHere, bundleFile, bundle, clients } = tls;
  const names = hosts.length > 4 ? `${hosts.slice(0, 4).join(", ")}, …` : hosts.join(", ");
  const renewal = issuedHere ? ", renews itself" : "";
  const trust = bundleFile ?? (bundle ? "the certificate below" : undefined);
  return [
    ["TLS", `on ${origin}: ${sourceName}${outcomes[outcome]}`],
    ["", `for ${names} until ${formatDay(notAfter)}${renewal}`],
    ...(trust ? [["Trust", `${trust} (what clients need)`] satisfies [string, string]] : []),
    ...(clients ? clientLines(clients) : []),
  ];
}

type Clients = NonNullable<NonNullable<ServerSummary["tls"]>["clients"]>;

function clientLines({ caFile, crlFile, required }: Clients): Array<[string, string]> {
  const which = `a certificate of a CA in ${caFile}${crlFile ? `, not revoked in ${crlFile}` : ""}`;
  if (!required) return [["Clients", `may show ${which}`]];
  return [
    ["Clients", `must show ${which}`],
    ["", "vibectl has none to show: for its users, --client-auth request --require-auth"],
  ];
}

function modelLine({ models }: ServerSummary): string {
  const { count, defaultModel = "none", keySource, echo } = models;
  const isEcho = defaultModel === "echo/echo";
  const origin = isEcho ? `, built in: ${echo}` : keySource ? `, key from ${keySource}` : "";
  const other = echo && !isEcho ? `; echo is ${echo}` : "";
  return `${count} on offer, default ${defaultModel}${origin}${other}`;
}

const everywhere = ["0.0.0.0", "[::]", "127.0.0.1"];

/** A name by which clients reach the server, and which its certificate covers. */
function dialledName(host: string, tls: ServerSummary["tls"]): string {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!tls) return everywhere.includes(host) ? "localhost" : host;
  if (!everywhere.includes(host) && coversHost(tls.hosts, bare)) return host;
  if (tls.hosts.includes("localhost")) return "localhost";
  return urlHost((tls.hosts.find((name) => !name.startsWith("*")) ?? tls.hosts[0] ?? host).replace("*", "HOST"));
}

function nextCommands(
  { host, port, tls, tokenSource: tokens, models, file }: ServerSummary,
  program: string,
): string[] {
  const name = dialledName(host, tls);
  const url = `vibectl-server${tls ? "" : "-insecure"}://${name}:${port}`;
  const config = file ? ` --config ${shellWord(file)}` : "";
  const prompt = models.defaultModel === undefined ? "" : " --prompt hello";
  const trust = tls?.bundleFile ?? (tls?.bundle ? "ca-bundle.crt" : undefined);
  const bundle = trust ? ` --ca-bundle ${shellWord(trust)}` : "";
  const jwt = tokens ? " --jwt-path alice.jwt" : "";
  const required = tls?.clients?.required;
  const own = required ? " --client-cert CLIENT.crt --client-key CLIENT.key" : "";
  return [
    ...(tls?.bundle ? ["cat > ca-bundle.crt   # then paste the certificate below"] : []),
    ...(tokens ? [`${program} generate-token alice --output alice.jwt${config}`] : []),
    `${program} check ${url}${bundle}${own}${jwt}${prompt}`,
    ...(required ? [] : [`vibectl setup-proxy configure local ${url}${bundle}${jwt} --activate`]),
  ];
}

/**
 * What a person who started a server needs to know, and no more.
 *
 * @param summary - The server that runs.
 * @param program - How this program was called, as a word of a shell command.
 * @param version - Its version.
 * @param colour - Whether to set headings off.
 */
export function reportStart(summary: ServerSummary, program: string, version: string, colour: boolean): string {
  const { host, port, tokenSource, file } = summary;
  const strong = (text: string) => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const auth = tokenSource ? `on, ${tokenSource}` : "off (--require-auth turns it on)";
  const facts = [
    ...(file ? [["Config", file]] : []),
    ...tlsLines(summary),
    ["Auth", auth],
    ["Models", modelLine(summary)],
  ];
  return [
    strong(`vibectl-server ${version} listens on ${host}:${port}`),
    ...facts.map(([label = "", text]) => `  ${label.padEnd(7)} ${text}`),
    "Next:",
    ...nextCommands(summary, program).map((command) => `  ${command}`),
    "",
    ...(summary.tls?.bundle ? [summary.tls.bundle] : []),
  ].join("\n");
}
