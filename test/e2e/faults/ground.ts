import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { OpensslCa } from "../../openssl-ca.ts";
import { type Serving, serve } from "../executable.ts";
import { structuredText } from "./answer-faults.ts";
import { answerWell, type Fault, failingKey, type Place } from "./fault.ts";
import { startUpstream, type Upstream } from "./upstream.ts";
import { type Company, healthyText, limits, type Way } from "./verdicts.ts";

/** One call of the matrix. */
export interface Cell {
  fault: Fault;
  way: Way;
  company: Company;
}

/** Model ids of a cell, and where its requests arrive. */
export interface CellNames {
  /** What a caller asks for. */
  model: string;
  /** The id of the model that fails. */
  failing: string;
  /** How the paths of its requests begin. */
  path: string;
}

/** The id of the model that never fails. */
export const healthyModel = "healthy/tiny";

/** How the paths of the healthy model's requests begin. */
const healthyPath = "/healthy/";

/** Names that belong to one cell alone: no call meets another one's breaker, budget, or resting key. */
export function namesOf({ fault, way, company }: Cell): CellNames {
  const place = company === "alone" ? "alone" : "first";
  const provider = `${fault.name}-${way}-${place}`;
  const failing = `${provider}/tiny`;
  return {
    failing,
    model: company === "alone" ? failing : `${fault.name}-${way}-safe`,
    path: `/${fault.name}/${way}-${place}/`,
  };
}

/** Where the cells are played. */
export interface Ground {
  serving: Serving;
  /** The requests of a cell, wherever they arrived. */
  requestsOf(cell: Cell): ReturnType<Upstream["below"]>;
  /** Connections to the host that a redirection names. */
  strayed(): number;
  close(): Promise<void>;
}

/** Addresses of every place, and what belongs to them. */
interface Places extends Record<Place, string> {
  caFile: string;
  upstreams: readonly Upstream[];
  elsewhere: Upstream;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return address !== null && typeof address === "object" ? address.port : 0;
}

/** The schema's property, in a document within a document too. */
const asksForStructure = /pods\\*"/;

function answerAsNamed(faults: readonly Fault[]): Parameters<typeof startUpstream>[0] {
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  return (exchange) => {
    const { path, body } = exchange.request;
    const fault = byName.get(path.split("/")[1] ?? "");
    if (fault?.answer) fault.answer(exchange);
    else
      answerWell(exchange, path.startsWith(healthyPath) && asksForStructure.test(body) ? structuredText : healthyText);
  };
}

async function openPlaces(home: string, faults: readonly Fault[], elsewhere: Upstream): Promise<Places> {
  const answer = answerAsNamed(faults);
  const ca = new OpensslCa(home, "ca");
  const stranger = new OpensslCa(home, "stranger");
  const extensions = ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:localhost"];
  const served = async (pair: { cert: string; key: string }) => await startUpstream(answer, { tls: pair });
  const day = 86_400_000;
  const past = { notBefore: new Date(Date.now() - 30 * day), notAfter: new Date(Date.now() - day) };
  const plain = await startUpstream(answer);
  const trusted = await served(ca.issue("localhost", { extensions }));
  const unknown = await served(stranger.issue("localhost", { extensions }));
  const other = await served(
    ca.issue("other", { extensions: ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:other.example"] }),
  );
  const expired = await served(ca.issue("expired", { extensions, ...past }));
  const mute = await startUpstream(() => undefined, { onConnection: () => true });
  return {
    upstream: plain.url,
    "trusted TLS": trusted.url,
    "TLS of nobody known": unknown.url,
    "TLS of another host": other.url,
    "TLS of long ago": expired.url,
    "TLS that is none": plain.url.replace("http:", "https:"),
    "TLS without an answer": mute.url.replace("http:", "https:"),
    "closed port": `http://127.0.0.1:${await closedPort()}`,
    // A label that is longer than DNS allows is found nowhere, whatever the resolver says, and at once.
    "no such host": `http://${"x".repeat(64)}.example`,
    caFile: ca.certFile,
    upstreams: [plain, trusted, unknown, other, expired, mute, elsewhere],
    elsewhere,
  };
}

function configuration(cells: readonly Cell[], places: Places): object {
  const seconds = (ms: number) => ms / 1000;
  const common = {
    type: "openai-compatible",
    models: ["tiny"],
    timeouts: {
      connect_seconds: seconds(limits.connectMs),
      first_byte_seconds: seconds(limits.firstByteMs),
      between_chunks_seconds: seconds(limits.betweenChunksMs),
      call_seconds: seconds(limits.callMs),
    },
  };
  const providers: Record<string, object> = {
    healthy: { ...common, key: "sk-canary-of-the-healthy-one", base_url: `${places.upstream}${healthyPath}v1` },
  };
  const routes: Record<string, string[]> = {};
  for (const cell of cells) {
    const { model, failing, path } = namesOf(cell);
    const { at = "upstream" } = cell.fault;
    providers[failing.split("/")[0] ?? ""] = {
      ...common,
      key: failingKey,
      base_url: `${places[at]}${path}v1`,
      ...(at.includes("TLS") && at !== "TLS of nobody known" ? { ca_file: places.caFile } : {}),
    };
    if (model !== failing) routes[model] = [failing, healthyModel];
  }
  return {
    providers,
    model_routes: routes,
    retries: {
      max_retries: limits.maxRetries,
      base_delay_ms: limits.baseDelayMs,
      max_delay_ms: limits.maxDelayMs,
      budget_percent: 100,
    },
  };
}

/** Makes the place that redirections lead to, where nobody should ever come. */
export async function startElsewhere(): Promise<Upstream> {
  return await startUpstream((exchange) => answerWell(exchange, "You have been led astray."));
}

/**
 * Starts the upstreams, and the executable with a configuration for all cells.
 *
 * @param elsewhere - Where redirections lead.
 */
export async function openGround(home: string, cells: readonly Cell[], elsewhere: Upstream): Promise<Ground> {
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const places = await openPlaces(home, faults, elsewhere);
  const file = join(home, "config.yaml");
  // JSON is YAML too.
  writeFileSync(file, JSON.stringify(configuration(cells, places), null, 1));
  const serving = await serve(["--config", file, "--log-level", "debug"], { home });
  return {
    serving,
    requestsOf: (cell) => places.upstreams.flatMap((upstream) => upstream.below(namesOf(cell).path)),
    strayed: () => elsewhere.connections,
    async close() {
      serving.kill("SIGKILL");
      await serving.exited;
      for (const upstream of places.upstreams) upstream.close();
    },
  };
}
