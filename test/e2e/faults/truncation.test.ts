import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomNumbers } from "../../random-numbers.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Serving, serve } from "../executable.ts";
import { ask, type Seen } from "./asking.ts";
import type { Exchange } from "./exchange.ts";
import { chat, claude, type Recording } from "./recordings.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

/** How a stream can be cut. */
const cuts = {
  "that HTTP ends in order": (exchange: Exchange) => exchange.end(),
  "by a clean close": (exchange: Exchange) => exchange.close(),
  "by a clean close right behind the text": (exchange: Exchange) => exchange.closeAtOnce(),
  "by a reset": (exchange: Exchange) => exchange.reset(),
} as const;

type Cut = keyof typeof cuts;
const kinds = Object.keys(cuts) as Cut[];

/** How many offsets are tried for each recording and each cut. */
const samples = Number(process.env.CUTS ?? 150);

/** Calls that run at the same time. */
const together = 24;

const home = temporaryFolder();
let upstream: Upstream;
let serving: Serving;

/** A stream cut at one place. */
interface Case {
  recording: Recording;
  kind: Cut;
  offset: number;
  /** A model of its own, so that no call meets another one's breaker. */
  model: string;
}

/** Offsets from one end to the other, more of them where the end marker is, and those at its edges. */
function offsetsOf({ bytes, markerEnd }: Recording): number[] {
  const all = Array.from({ length: bytes.length + 1 }, (_, offset) => offset);
  const edges = [0, 1, markerEnd - 1, markerEnd, markerEnd + 1, bytes.length - 1, bytes.length];
  const random = randomNumbers(5);
  const isLate = (offset: number) => offset > bytes.length * 0.75;
  const drawn = all.map((offset) => ({ offset, lot: random.next().value ** (isLate(offset) ? 1 / 3 : 1) }));
  const inOrder = drawn.sort((a, b) => b.lot - a.lot).map(({ offset }) => offset);
  return [...new Set([...edges, ...inOrder])].slice(0, samples).sort((a, b) => a - b);
}

const cases = [chat, claude].flatMap((recording) =>
  kinds.flatMap((kind) =>
    offsetsOf(recording).map(
      (offset): Case => ({ recording, kind, offset, model: `cut-${kinds.indexOf(kind)}-${offset}` }),
    ),
  ),
);

function answer(exchange: Exchange): void {
  const [, kind, offset] = /"model": *"cut-(\d)-(\d+)"/.exec(exchange.request.body) ?? [];
  const recording = exchange.request.path.startsWith("/chat/") ? chat : claude;
  const bytes = recording.bytes.subarray(0, Number(offset));
  exchange.begin();
  if (bytes.length > 0) exchange.chunk(bytes);
  const cut = kinds[Number(kind)];
  if (cut) cuts[cut](exchange);
}

/** What is wrong with the outcome of a call, in a sentence. */
function judge({ recording, kind, offset }: Case, seen: Seen): string[] {
  const { text, markerEnd, bytes } = recording;
  const isOk = seen.status === 0 && seen.error === undefined;
  const problems = [...seen.disorder];
  if (isOk && offset < markerEnd) problems.push("It ended as OK before the end marker had come.");
  if (isOk && seen.text !== text) problems.push(`It ended as OK with the text ${JSON.stringify(seen.text)}.`);
  if (!text.startsWith(seen.text)) problems.push(`The text ${JSON.stringify(seen.text)} was never said.`);
  if (!isOk && offset === bytes.length && kind === "that HTTP ends in order") problems.push("All of it is an error.");
  if (seen.status !== 0) problems.push(`Its status is ${seen.status}: ${seen.details}`);
  return problems.map((problem) => `${recording.name}, cut ${kind} at ${offset} of ${bytes.length}: ${problem}`);
}

beforeAll(async () => {
  upstream = await startUpstream(answer);
  const providerOf = ({ name, type }: Recording) => ({
    type,
    key: "sk-test",
    base_url: `${upstream.url}/${name}/v1`,
    models: cases.filter(({ recording }) => recording.name === name).map(({ model }) => model),
  });
  const config = join(home, "config.yaml");
  const retries = { max_retries: 1, base_delay_ms: 1, budget_percent: 100 };
  const providers = { chat: providerOf(chat), claude: providerOf(claude) };
  writeFileSync(config, JSON.stringify({ providers, retries }, null, 1));
  serving = await serve(["--config", config, "--log-level", "error"], { home });
});

afterAll(async () => {
  serving?.kill("SIGKILL");
  await serving?.exited;
  upstream?.close();
});

for (const recording of [chat, claude]) {
  test(`a stream of ${recording.type} that is cut anywhere is an error unless its end marker came, and no text is made up`, async () => {
    const left = cases.filter((each) => each.recording === recording);
    const total = left.length;
    const problems: string[] = [];
    let good = 0;
    const caller = async () => {
      for (let each = left.shift(); each; each = left.shift()) {
        const model = `${recording.name}/${each.model}`;
        const seen = await ask(serving.port, { way: "streamed", model, text: "What is a pod?", deadlineMs: 10_000 });
        problems.push(...judge(each, seen));
        if (seen.status === 0 && seen.error === undefined) good++;
      }
    };
    await Promise.all(Array.from({ length: together }, caller));
    process.stdout.write(`${recording.type}: ${total} cut streams, ${good} of them whole, the others errors\n`);
    expect(problems).toEqual([]);
    expect(good).toBeGreaterThan(0);
  }, 120_000);
}
