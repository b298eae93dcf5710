// `npm run bench`: this server's executable beside a bare grpc-js echo on the same Bun, in one run, as ratios.
// Needs h2load (Debian's package nghttp2-client).
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { ExecuteRequestSchema } from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { type LoadResult, runLoad } from "./h2load.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

const rounds = 3;
const executable = join(import.meta.dir, "..", "..", "dist", "vibectl-server");
const service = "vibectl.llm_proxy.VibectlLLMProxy";

const unary = toBinary(
  ExecuteRequestSchema,
  create(ExecuteRequestSchema, { requestId: "bench", userFragments: ["list the pods of the default namespace"] }),
);
const stream = toBinary(
  ExecuteRequestSchema,
  create(ExecuteRequestSchema, { requestId: "bench", userFragments: [Array(100).fill("word").join(" ")] }),
);

interface Subject {
  name: string;
  start(): Promise<ServerProcess>;
  scheme: string;
  headers(server: ServerProcess): readonly string[];
}

async function issueToken(home: string): Promise<string> {
  const child = Bun.spawn([executable, "generate-token", "bench"], { env: { HOME: home }, stdout: "pipe" });
  const token = (await new Response(child.stdout).text()).trim();
  if (token === "") throw new Error("generate-token printed no token");
  return token;
}

const tokens = new Map<string, string>();
const quiet = ["--log-level", "warning"];
const subjects: readonly Subject[] = [
  {
    name: "vibectl-server, plain",
    start: () => startServerProcess([executable, "serve", "--model", "echo", "--port", "0", ...quiet]),
    scheme: "http",
    headers: () => [],
  },
  {
    name: "vibectl-server, TLS, token, log",
    async start() {
      const flags = ["--generate-certs", "--require-auth"];
      const server = await startServerProcess([executable, "serve", "--model", "echo", "--port", "0", ...flags]);
      tokens.set(server.home, await issueToken(server.home));
      return server;
    },
    scheme: "https",
    headers: ({ home }) => [`authorization: Bearer ${tokens.get(home)}`],
  },
  {
    name: "bare grpc-js echo",
    start: () => startServerProcess([process.execPath, join(import.meta.dir, "bare-echo.ts")]),
    scheme: "http",
    headers: () => [],
  },
];

const loads = [
  ...[1, 10, 100].map((connections) => ({ method: "Execute", message: unary, connections, calls: 10_000 })),
  ...[1, 10, 100].map((connections) => ({ method: "StreamExecute", message: stream, connections, calls: 2_000 })),
];

interface Measured {
  startMs: number[];
  idleMb: number[];
  loadedMb: number[];
  loads: LoadResult[][];
}

async function measure(subject: Subject, into: Measured): Promise<void> {
  const server = await subject.start();
  into.startMs.push(server.startMs);
  into.idleMb.push(server.memory());
  for (const [index, { method, message, connections, calls }] of loads.entries()) {
    const url = `${subject.scheme}://127.0.0.1:${server.port}/${service}/${method}`;
    const result = await runLoad({ url, message, connections, calls, headers: subject.headers(server) });
    // A refused call is quick, and has no message in its answer.
    if (result.bytesPerCall < 60) throw new Error(`${url} answers with ${result.bytesPerCall} bytes: an error`);
    into.loads[index]?.push(result);
  }
  into.loadedMb.push(server.memory());
  await server.stop();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (Bun.which("h2load") === null) {
  process.stderr.write("error: h2load is not installed\nhint: Install Debian's package nghttp2-client.\n");
  process.exit(1);
}
const results = new Map<string, Measured>(
  subjects.map(({ name }) => [name, { startMs: [], idleMb: [], loadedMb: [], loads: loads.map(() => []) }]),
);
for (let round = 1; round <= rounds; round++) {
  for (const subject of subjects) {
    process.stderr.write(`round ${round}: ${subject.name}\n`);
    await measure(subject, results.get(subject.name) as Measured);
  }
}

const ceiling = results.get("bare grpc-js echo") as Measured;
const lines = [
  `| medians of ${rounds} rounds | ${subjects.map(({ name }) => name).join(" | ")} |`,
  `| --- |${" --- |".repeat(subjects.length)}`,
];
function addRow(title: string, of: (measured: Measured) => number, digits: number, ratio: boolean): void {
  const cells = subjects.map(({ name }) => {
    const value = of(results.get(name) as Measured);
    const share = ratio ? ` (${((100 * value) / of(ceiling)).toFixed(0)} %)` : "";
    return `${value.toFixed(digits)}${share}`;
  });
  lines.push(`| ${title} | ${cells.join(" | ")} |`);
}
for (const [index, { method, connections }] of loads.entries()) {
  const streamed = method === "StreamExecute";
  const pick = (measured: Measured, key: keyof LoadResult) => median((measured.loads[index] ?? []).map((r) => r[key]));
  const what = streamed ? "chunks/s in 100-chunk streams" : "unary calls/s";
  const factor = streamed ? 100 : 1;
  addRow(`${what}, ${connections} connections`, (measured) => factor * pick(measured, "callsPerSecond"), 0, true);
  addRow("… p50 / ms", (measured) => pick(measured, "p50"), 2, false);
  addRow("… p99 / ms", (measured) => pick(measured, "p99"), 2, false);
  addRow("… bytes per answer", (measured) => pick(measured, "bytesPerCall"), 0, false);
}
addRow("start to accepting / ms", ({ startMs }) => median(startMs), 0, false);
addRow("memory idle / MB", ({ idleMb }) => median(idleMb), 0, false);
addRow("memory after load / MB", ({ loadedMb }) => median(loadedMb), 0, false);
process.stdout.write(`${lines.join("\n")}\n`);

const folder = join(import.meta.dir, "results");
mkdirSync(folder, { recursive: true });
const raw = { date: new Date().toISOString(), bun: Bun.version, rounds, results: Object.fromEntries(results) };
writeFileSync(join(folder, "latest.json"), `${JSON.stringify(raw, null, 2)}\n`);
