// Calls through two mocks of a provider that fail one time in five: with a route over both, and beside it with one of
// them and no retries. `npm run build`, then `node .ci/bun.mjs test/bench/chaos.ts [--calls=5000]`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LLMock } from "@copilotkit/aimock";
import { askOn, openClient, type Seen } from "../e2e/faults/asking.ts";
import { startServerProcess } from "./server-process.ts";

const executable = join(import.meta.dir, "..", "..", "dist", "vibectl-server");
const { values } = parseArgs({ options: { calls: { type: "string", default: "5000" } } });
const calls = Number(values.calls);
const together = 50;
const answer = "Pods are the smallest deployable units that Kubernetes runs.";
const faults = ["dropRate", "malformedRate", "rateLimitRate", "disconnectRate"] as const;

/** Faults of which each is as often as the others, so that one request in five meets one. */
interface Mix {
  title: string;
  kinds: ReadonlyArray<(typeof faults)[number]>;
}

const mixes: readonly Mix[] = [
  { title: "500, malformed, disconnect", kinds: ["dropRate", "malformedRate", "disconnectRate"] },
  { title: "the same and 429 with Retry-After: 1", kinds: faults },
];

/** The mock draws for one fault after the other, and only where none came before. */
function ratesOf({ kinds }: Mix): Record<string, number> {
  const each = 0.2 / kinds.length;
  const ordered = faults.filter((kind) => kinds.includes(kind));
  return Object.fromEntries(ordered.map((kind, index) => [kind, each / (1 - index * each)]));
}

async function startMock(mix: Mix): Promise<LLMock> {
  const mock = new LLMock({
    port: 0,
    chunkSize: 10,
    logLevel: "silent",
    journalMaxEntries: 100_000,
    chaos: ratesOf(mix),
  });
  const usage = { prompt_tokens: 12, completion_tokens: 9 };
  mock.onMessage(/pods/, { content: answer, usage });
  await mock.start();
  return mock;
}

interface Result {
  title: string;
  seen: readonly Seen[];
  seconds: number;
  /** Requests that the mocks got, and how many of them they failed. */
  asked: number;
  failed: number;
}

async function load(port: number, model: string): Promise<Seen[]> {
  const clients = await Promise.all(Array.from({ length: together }, () => openClient(port)));
  const seen: Seen[] = [];
  let begun = 0;
  const callers = clients.map(async (client) => {
    while (begun < calls) {
      const way = begun++ % 2 === 0 ? "unary" : "streamed";
      seen.push(await askOn(client, { way, model, text: "what are pods?", deadlineMs: 60_000 }));
    }
    client.close();
  });
  await Promise.all(callers);
  return seen;
}

async function run(mix: Mix, { routed }: { routed: boolean }): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "vibectl-server-chaos-"));
  const mocks = await Promise.all([startMock(mix), startMock(mix)]);
  const [first, second] = mocks.map(({ url }) => ({
    type: "openai-compatible",
    key: "sk-test",
    base_url: `${url}/v1`,
    models: ["tiny"],
  }));
  const routing = routed
    ? { model_routes: { steady: ["first/tiny", "second/tiny"] } }
    : { model_aliases: { steady: "first/tiny" }, retries: { max_retries: 0 } };
  const config = join(folder, "config.yaml");
  writeFileSync(config, JSON.stringify({ providers: { first, second }, ...routing }));
  const server = await startServerProcess([
    executable,
    ...["serve", "--port", "0", "--config", config, "--log-level", "error"],
  ]);
  const begunAt = performance.now();
  const seen = await load(server.port, "steady");
  const seconds = (performance.now() - begunAt) / 1000;
  await server.stop();
  const entries = mocks.flatMap((mock) => mock.getRequests()).filter(({ path }) => path.includes("/chat/"));
  const failed = entries.filter(({ response }) => response.chaosAction !== undefined).length;
  for (const mock of mocks) await mock.stop();
  rmSync(folder, { recursive: true, force: true });
  const title = `${routed ? "two-target route" : "one target, no retries"}; ${mix.title}`;
  return { title, seen, seconds, asked: entries.length, failed };
}

function isGood({ status, error, text, disorder }: Seen): boolean {
  return status === 0 && error === undefined && text === answer && disorder.length === 0;
}

function codesOf(seen: readonly Seen[]): string {
  const counts = new Map<string, number>();
  for (const { error, status } of seen) {
    const code = error?.errorCode ?? `status ${status}`;
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([code, count]) => `${code} ${count}`).join(", ") || "–";
}

/** The rows of the table: what each is called, and what it says of a result. */
const rows: ReadonlyArray<readonly [title: string, of: (result: Result) => string]> = [
  ["calls, half of them streamed", ({ seen }) => String(seen.length)],
  ["good answers", ({ seen }) => `${((100 * seen.filter(isGood).length) / seen.length).toFixed(2)} %`],
  ["errors", ({ seen }) => codesOf(seen.filter(({ error, status }) => error !== undefined || status !== 0))],
  [
    "wrong answers that look good",
    ({ seen }) => String(seen.filter((each) => each.status === 0 && !each.error && !isGood(each)).length),
  ],
  ["requests to the mocks", ({ asked }) => String(asked)],
  ["… that they failed", ({ failed, asked }) => `${((100 * failed) / asked).toFixed(1)} %`],
  [
    "retries of good answers",
    ({ seen }) => String(seen.reduce((sum, { metrics }) => sum + (metrics?.retryCount ?? 0), 0)),
  ],
  ["answers of the second target", ({ seen }) => String(seen.filter(({ model }) => model === "second/tiny").length)],
  ["p50 / ms", ({ seen }) => quantile(seen, 0.5)],
  ["p99 / ms", ({ seen }) => quantile(seen, 0.99)],
  ["slowest / ms", ({ seen }) => quantile(seen, 1)],
  ["all of them / s", ({ seconds }) => seconds.toFixed(1)],
];

function quantile(seen: readonly Seen[], share: number): string {
  const sorted = seen.map(({ ms }) => ms).sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

const results: Result[] = [];
for (const mix of mixes) {
  for (const routed of [true, false]) {
    const result = await run(mix, { routed });
    process.stderr.write(`done: ${result.title}\n`);
    results.push(result);
  }
}
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = [
  line([`${together} at a time`, ...results.map(({ title }) => title)]),
  line(["---", ...results.map(() => "--:")]),
  ...rows.map(([title, of]) => line([title, ...results.map(of)])),
];
process.stdout.write(`${table.join("\n")}\n`);
