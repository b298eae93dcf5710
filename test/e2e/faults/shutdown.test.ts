import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compatible } from "../../integration/providers/wires.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { until } from "../calls.ts";
import { serve } from "../executable.ts";
import { ask } from "./asking.ts";
import type { Exchange } from "./exchange.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

/** Calls of each kind that run when the server is told to end. */
const each = 10;

/** What is claimed, and what no machine may take, in milliseconds. */
const claimedMs = 100;
const toleratedMs = 1000;

const home = temporaryFolder();
let upstream: Upstream;

function answer(exchange: Exchange): void {
  if (exchange.request.path.startsWith("/silent/")) return;
  exchange.begin(exchange.streamed ? {} : { "content-type": "application/json" });
  exchange.every(10, () => exchange.chunk(exchange.streamed ? compatible.text("more ") : " "));
}

beforeAll(async () => {
  upstream = await startUpstream(answer);
});

afterAll(() => upstream?.close());

test("a server that has no time to drain closes its connections to providers at once, and ends with 0", async () => {
  const provider = (path: string) => ({
    type: "openai-compatible",
    key: "sk-test",
    base_url: `${upstream.url}/${path}/v1`,
    models: ["tiny"],
  });
  const config = join(home, "config.yaml");
  const providers = { silent: provider("silent"), flowing: provider("flowing") };
  writeFileSync(config, JSON.stringify({ server: { shutdown_grace_seconds: 0 }, providers }));
  const serving = await serve(["--config", config, "--log-level", "error"], { home });
  const kinds = (["unary", "streamed"] as const).flatMap((way) =>
    ["silent/tiny", "flowing/tiny"].flatMap((model) => Array.from({ length: each }, () => ({ way, model }))),
  );
  const calls = kinds.map((kind) => ask(serving.port, { ...kind, text: "Go on.", deadlineMs: 30_000 }));
  await until("all calls are with the provider", async () => upstream.exchanges.length === kinds.length);
  const toldAt = performance.now();
  serving.kill("SIGTERM");
  await Promise.all(upstream.exchanges.map(({ closed }) => closed));
  const delays = upstream.exchanges.map(({ closedAt = Number.POSITIVE_INFINITY }) => closedAt - toldAt);
  const slowest = Math.max(...delays);
  const holds = slowest <= claimedMs ? "holds" : "does not hold";
  process.stdout.write(`${delays.length} connections were closed within ${slowest.toFixed(1)} ms of SIGTERM: `);
  process.stdout.write(`the claim of ${claimedMs} ms ${holds}.\n`);
  expect(slowest).toBeLessThan(toleratedMs);
  expect(upstream.exchanges.map(({ closedBy }) => closedBy)).toEqual(kinds.map(() => "client"));
  const seen = await Promise.all(calls);
  expect(seen.filter(({ status, error }) => status === 0 && error === undefined)).toEqual([]);
  expect(seen.flatMap(({ disorder }) => disorder)).toEqual([]);
  expect((await serving.exited).code).toBe(0);
});
