import { afterEach, expect, test } from "bun:test";
import { closeSync, constants, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import { LogSink } from "../../../src/observe/log-sink.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const open: number[] = [];

function keep(descriptor: number): number {
  open.push(descriptor);
  return descriptor;
}

afterEach(() => {
  for (const descriptor of open.splice(0)) closeSync(descriptor);
});

test("lines arrive whole and in order", async () => {
  const file = join(folder, "log");
  const sink = new LogSink(keep(openSync(file, "w")));
  const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) sink.write(line);
  await sink.flush(20_000);
  expect(readFileSync(file, "utf8")).toBe(lines.join(""));
});

test("a reader that stalls holds nobody up, and learns how much it missed", async () => {
  const pipe = join(folder, "pipe");
  expect(Bun.spawnSync(["mkfifo", pipe]).success).toBe(true);
  const reader = keep(openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK));
  const sink = new LogSink(keep(openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)));
  sink.onLoss = (count) => sink.write(`${count} log records were dropped\n`);
  const line = `${"x".repeat(1023)}\n`;
  for (let count = 0; count < 10_000; count++) sink.write(line);

  const buffer = Buffer.alloc(1024 * 1024);
  let text = "";
  while (!/(\d+) log records were dropped/.test(text)) {
    try {
      const read = readSync(reader, buffer);
      text += buffer.toString("utf8", 0, read);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const dropped = Number(/(\d+) log records were dropped/.exec(text)?.[1]);
  expect(text.split(line).length - 1 + dropped).toBe(10_000);
});
