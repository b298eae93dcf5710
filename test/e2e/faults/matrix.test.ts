import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { temporaryFolder } from "../../temporary-folder.ts";
import { answerFaults, schema } from "./answer-faults.ts";
import { ask } from "./asking.ts";
import { bodyFaults } from "./body-faults.ts";
import { connectionFaults } from "./connection-faults.ts";
import { canaries, type Fault } from "./fault.ts";
import { type Cell, type Ground, namesOf, openGround, startElsewhere } from "./ground.ts";
import { judge, type Outcome } from "./judgement.ts";
import { asMarkdown, asText } from "./outcome-table.ts";
import { peakMemoryOf } from "./process-resources.ts";
import { statusFaults } from "./status-faults.ts";

const home = temporaryFolder();
const elsewhere = await startElsewhere();
const only = process.env.FAULTS?.split(",");
const faults: readonly Fault[] = [
  ...connectionFaults,
  ...statusFaults(() => `${elsewhere.url}/v1/chat/completions`),
  ...bodyFaults,
  ...answerFaults,
].filter(({ name }) => only === undefined || only.includes(name));

const cells = faults.flatMap((fault) =>
  (["unary", "streamed"] as const).flatMap((way) =>
    (["alone", "with fallback"] as const).map((company): Cell => ({ fault, way, company })),
  ),
);

/** Calls that run at the same time. */
const together = 8;

/** How long a connection may take to be closed after its call, in milliseconds. */
const closingMs = 2000;

/** What the server may have needed at any time, in MB: an answer of 50 MB is a string, its JSON, and a message. */
const mostMemoryMb = 1500;

const testMs = 120_000;

let ground: Ground;
const outcomes = new Map<Cell, PromiseWithResolvers<Outcome>>(cells.map((cell) => [cell, Promise.withResolvers()]));
const finished: Outcome[] = [];

async function play(cell: Cell): Promise<Outcome> {
  const seen = await ask(ground.serving.port, {
    way: cell.way,
    model: namesOf(cell).model,
    text: "How many pods are there?",
    schema: cell.fault.structured ? schema : undefined,
    deadlineMs: 12_000,
  });
  const exchanges = ground.requestsOf(cell);
  const unfinished = exchanges.filter(({ complete }) => !complete).map(({ closed }) => closed);
  await Promise.race([Promise.all(unfinished), Bun.sleep(closingMs)]);
  return judge(cell, seen, exchanges);
}

async function playThese(these: readonly Cell[], together: number): Promise<void> {
  // The longest first, so that nothing long is left when the others are through.
  const left = these.toSorted((a, b) => b.fault[b.way][b.company].boundMs - a.fault[a.way][a.company].boundMs);
  const player = async () => {
    for (let cell = left.shift(); cell; cell = left.shift()) {
      const outcome = outcomes.get(cell);
      try {
        const result = await play(cell);
        finished.push(result);
        outcome?.resolve(result);
      } catch (error) {
        outcome?.reject(error);
      }
    }
  };
  await Promise.all(Array.from({ length: together }, player));
}

async function playAll(): Promise<void> {
  const isHeavy = ({ fault }: Cell) => fault.heavy === true;
  await playThese(
    cells.filter((cell) => !isHeavy(cell)),
    together,
  );
  await playThese(cells.filter(isHeavy), 1);
}

beforeAll(async () => {
  ground = await openGround(home, cells, elsewhere);
  void playAll();
});

afterAll(async () => {
  const inOrder = finished.toSorted((a, b) => cells.indexOf(a.cell) - cells.indexOf(b.cell));
  process.stdout.write(asText(inOrder));
  if (process.env.FAULT_TABLE) writeFileSync(process.env.FAULT_TABLE, asMarkdown(inOrder));
  await ground?.close();
});

for (const fault of faults) {
  test(
    `${fault.title}: ends as the table says, alone and with a fallback, unary and streamed`,
    async () => {
      const own = cells.filter((cell) => cell.fault === fault);
      const results = await Promise.all(own.map((cell) => outcomes.get(cell)?.promise));
      const problems = results.flatMap((result) =>
        (result?.problems ?? []).map((problem) => `${result?.cell.way}, ${result?.cell.company}: ${problem}`),
      );
      expect(problems).toEqual([]);
    },
    testMs,
  );
}

test("a redirection is never followed: nobody came to the other host", () => {
  expect(ground.strayed()).toBe(0);
});

test("no secret of a provider's is in the log", () => {
  const printed = ground.serving.stdout() + ground.serving.stderr();
  expect(printed).toContain("StreamExecute");
  expect(canaries.filter((canary) => printed.includes(canary))).toEqual([]);
});

test("no answer makes the server take more memory than a few of the largest ones", () => {
  const most = peakMemoryOf(ground.serving.pid);
  process.stdout.write(`The server's memory was ${most.toFixed(0)} MB at most.\n`);
  expect(most).toBeLessThan(mostMemoryMb);
});

test("the server is as well as before", async () => {
  const seen = await ask(ground.serving.port, {
    way: "streamed",
    model: "healthy/tiny",
    text: "Are you well?",
    deadlineMs: 5000,
  });
  expect(seen).toMatchObject({ status: 0, error: undefined, model: "healthy/tiny" });
});
