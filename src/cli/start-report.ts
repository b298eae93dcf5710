import { styleText } from "node:util";
import type { ServerSummary } from "../server/start.ts";
import { shellWord } from "./shell-word.ts";

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
  const { count, defaultModel = "none", keySource, echo } = models;
  const isEcho = defaultModel === "echo/echo";
  const origin = isEcho ? `, built in: ${echo}` : keySource ? `, key from ${keySource}` : "";
  const other = echo && !isEcho ? `; echo is ${echo}` : "";
  return `${count} on offer, default ${defaultModel}${origin}${other}`;
}

function nextCommands({ host, port, tls, tokens, models, file }: ServerSummary, program: string): string[] {
  const name = ["0.0.0.0", "[::]", "127.0.0.1"].includes(host) ? "localhost" : host;
  const url = `vibectl-server${tls ? "" : "-insecure"}://${name}:${port}`;
  const config = file ? ` --config ${shellWord(file)}` : "";
  const prompt = models.defaultModel === undefined ? "" : " --prompt hello";
  const bundle = tls?.trustRoot ? ` --ca-bundle ${shellWord(tls.trustRoot)}` : "";
  const jwt = tokens ? " --jwt-path alice.jwt" : "";
  return [
    ...(tokens ? [`${program} generate-token alice --output alice.jwt${config}`] : []),
    `${program} check ${url}${bundle}${jwt}${prompt}`,
    `vibectl setup-proxy configure local ${url}${bundle}${jwt} --activate`,
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
  const { host, port, tokens, file } = summary;
  const strong = (text: string) => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const auth = tokens ? `on, secret from ${tokens.secretSource}` : "off (--require-auth turns it on)";
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
  ].join("\n");
}
