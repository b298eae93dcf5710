import { afterAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { guessTokens } from "../../../src/providers/token-count.ts";
import { countPieces } from "../../../src/providers/token-pieces.ts";
import { TokenThread, type TokenThreadOptions } from "../../../src/providers/token-thread.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const threads: TokenThread[] = [];

function thread(options: TokenThreadOptions = {}): TokenThread {
  const made = new TokenThread({ patienceMs: 20_000, ...options });
  threads.push(made);
  return made;
}

afterAll(async () => {
  for (const each of threads) each.end();
});

/** A thread's program, for threads that do other than they should. */
function program(name: string, source: string): URL {
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, source);
  return pathToFileURL(file);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const text = "The pods of the namespace kube-system are all running.";

test("it counts in a thread that starts when the first text comes", async () => {
  const counter = thread();
  expect(counter.isRunning).toBe(false);
  expect(await counter.count("")).toBe(0);
  expect(counter.isRunning).toBe(false);
  expect(await counter.count(text)).toBe(countPieces(text));
  expect(counter.isRunning).toBe(true);
});

test("many texts at once each get their own count", async () => {
  const counter = thread();
  const texts = Array.from({ length: 100 }, (_, index) => "word ".repeat(index + 1));
  expect(await Promise.all(texts.map((each) => counter.count(each)))).toEqual(texts.map(countPieces));
});

test("of a text of 16 MiB a part is counted, and the rest is reckoned by length", async () => {
  const words = "kubectl get pods ";
  const long = words.repeat(Math.ceil((16 * 1024 * 1024) / words.length));
  const tokens = await thread().count(long);
  expect(Math.abs(tokens / ((countPieces(words.repeat(1000)) / 1000) * (long.length / words.length)) - 1)).toBeLessThan(
    0.01,
  );
});

test("the rest of the program goes on while it loads and counts", async () => {
  const counting = thread().count("漢字かな".repeat(65_536));
  let done = false;
  void counting.finally(() => {
    done = true;
  });
  let longest = 0;
  for (let last = performance.now(); !done; ) {
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  expect(await counting).toBeGreaterThan(100_000);
  expect(longest).toBeLessThan(200);
});

test("a thread without work is ended, and another one is started when work comes", async () => {
  const counter = thread({ idleMs: 20 });
  const tokens = await counter.count(text);
  await until(() => !counter.isRunning);
  expect(await counter.count(text)).toBe(tokens);
});

test("a thread that takes too long is not waited for, and its late answer is of no harm", async () => {
  const slow = program(
    "slow",
    "self.onmessage = ({ data }) => setTimeout(() => self.postMessage({ id: data.id, tokens: 7 }), 60);",
  );
  const counter = thread({ program: slow, patienceMs: 20, idleMs: 10 });
  expect(await counter.count(text)).toBe(guessTokens(text.length));
  await until(() => !counter.isRunning);
});

test("a thread that never answers is given up", async () => {
  const counter = thread({ program: program("silent", "self.onmessage = () => {};"), patienceMs: 10, idleMs: 60_000 });
  while (true) {
    expect(await counter.count(text)).toBe(guessTokens(text.length));
    if (!counter.isRunning) break;
  }
  expect(await counter.count(text)).toBe(guessTokens(text.length));
  expect(counter.isRunning).toBe(false);
});

for (const [name, source] of [
  ["can't be loaded", 'import "./not-there.ts";'],
  ["fails when it starts", 'throw new Error("broken");'],
  ["fails at its work", 'self.onmessage = () => { throw new Error("broken"); };'],
  ["ends itself", "self.onmessage = () => process.exit(1);"],
] as const) {
  test(`a thread that ${name} leaves a guess, at once`, async () => {
    const counter = thread({ program: program(name.replaceAll(/\W/g, "-"), source), idleMs: 20 });
    const guess = guessTokens(text.length);
    expect(await Promise.all([counter.count(text), counter.count(text)])).toEqual([guess, guess]);
    expect(counter.isRunning).toBe(false);
    expect(await counter.count(text)).toBe(guess);
  });
}

test("a program that is not there leaves a guess", async () => {
  const counter = thread({ program: pathToFileURL(join(folder, "nowhere.ts")) });
  expect(await counter.count(text)).toBe(guessTokens(text.length));
});

test("more texts than it can hold are guessed, at once", async () => {
  const counter = thread({ program: program("deaf", "self.onmessage = () => {};"), patienceMs: 60_000 });
  const waiting = Array.from({ length: 256 }, () => counter.count(text));
  expect(await counter.count(text)).toBe(guessTokens(text.length));
  counter.end();
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => guessTokens(text.length)));
});
