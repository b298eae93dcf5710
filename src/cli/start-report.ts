import { styleText } from "node:util";
import type { ServerSummary } from "../server/start.ts";

function date(value: Date): string {
  return value.toISOString().slice(0, 10);
}

const outcomes = {
  loaded: "",
  kept: "",
  issued: ", issued just now",
  reissued: ", issued anew just now",
} as const;

function tlsLines({ tls }: ServerSummary): Array<[string, string]> {
  if (!tls) return [["TLS", "off (--tls or --generate-certs turns it on)"]];
  const { hosts, notAfter } = tls.identity.leaf;
  const names = hosts.length > 4 ? `${hosts.slice(0, 4).join(", ")}, …` : hosts.join(", ");
  return [
    ["TLS", `on, certificate for ${names} until ${date(notAfter)}${outcomes[tls.outcome]}`],
    ...(tls.trustRoot ? [["Trust", `${tls.trustRoot} (what clients need)`] satisfies [string, string]] : []),
  ];
}

function modelLine({ models }: ServerSummary): string {
  const { count, defaultModel, defaultModelId, keySource, echo } = models;
  const shown = defaultModelId ?? defaultModel ?? "none";
  const isEcho = shown === "echo/echo";
  const origin = isEcho ? `, built in: ${echo}` : keySource ? `, key from ${keySource}` : "";
  const other = echo && !isEcho ? `; echo is ${echo}` : "";
  return `${count} on offer, default ${shown}${origin}${other}`;
}

/** A word of a shell command, quoted where the shell would take it apart. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function nextCommands({ host, port, tls, tokens }: ServerSummary, program: string): string[] {
  const reachable = ["0.0.0.0", "::", "127.0.0.1", "::1"].includes(host) ? "localhost" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  const url = `vibectl-server${tls ? "" : "-insecure"}://${name}:${port}`;
  const bundle = tls?.trustRoot ? ` --ca-bundle ${quote(tls.trustRoot)}` : "";
  const jwt = tokens ? " --jwt-path alice.jwt" : "";
  return [
    ...(tokens ? [`${program} generate-token alice --output alice.jwt`] : []),
    `${program} check ${url}${bundle}${jwt} --prompt hello`,
    `vibectl setup-proxy configure local ${url}${bundle}${jwt} --activate`,
  ];
}

/**
 * What a person who started a server needs to know, and no more.
 *
 * @param summary - The server that runs.
 * @param program - How this program was called.
 * @param version - Its version.
 * @param colour - Whether to set headings off.
 */
export function reportStart(summary: ServerSummary, program: string, version: string, colour: boolean): string {
  const { host, port, tokens } = summary;
  const strong = (text: string) => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const auth = tokens ? `on, secret from ${tokens.secretSource}` : "off (--require-auth turns it on)";
  const facts = [...tlsLines(summary), ["Auth", auth], ["Models", modelLine(summary)]];
  return [
    strong(`vibectl-server ${version} listens on ${address}`),
    ...facts.map(([label = "", text]) => `  ${label.padEnd(7)} ${text}`),
    "Next:",
    ...nextCommands(summary, program).map((command) => `  ${command}`),
    "",
  ].join("\n");
}
