import { expect, test } from "bun:test";
import { FileError } from "../../../src/errors.ts";
import { createLogger, type LogSettings } from "../../../src/observe/logger.ts";

function record(settings: Partial<LogSettings> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { lines, log: createLogger({ level: "info", format: "json", colour: false, sink: { write }, ...settings }) };
}

test("a JSON record has level, time, message and fields on one line", () => {
  const { lines, log } = record();
  log.warn({ requestId: "r1" }, "careful\nnow");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[^\n]*\n$/);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "warning",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    requestId: "r1",
    msg: "careful\nnow",
  });
});

test("records below the level are not written", () => {
  const { lines, log } = record({ level: "warning" });
  log.info("quiet");
  log.error("loud");
  expect(lines).toHaveLength(1);
});

test("text has the fields behind the message and quotes what needs it", () => {
  const { lines, log } = record({ format: "text" });
  log.info({ code: "OK", method: "Execute", note: "two words" }, "call");
  expect(lines[0]).toMatch(/Z INFO {4}call code=OK method=Execute note="two words"\n$/);
});

test("text shows an error's stack below its record", () => {
  const { lines, log } = record({ format: "text" });
  log.error({ err: new Error("broken") }, "failed");
  expect(lines[0]).toMatch(/ERROR {3}failed\n {2}Error: broken\n {6}at /);
});

test("of an error of our own, the log has code, message and hint, and text shows them without a stack", () => {
  const err = new FileError("/x can't be read", { hint: "Make /x readable.", cause: new Error("EACCES") });
  const text = record({ format: "text" });
  text.log.error({ err }, "failed");
  expect(text.lines[0]).toEndWith("ERROR   failed\n  /x can't be read\n  hint: Make /x readable.\n");
  const json = record({ format: "json" });
  json.log.error({ err }, "failed");
  expect(JSON.parse(json.lines[0] ?? "").err).toEqual({
    code: "FILE_UNUSABLE",
    message: "/x can't be read",
    hint: "Make /x readable.",
    cause: "EACCES",
  });
});

test("text names the cause of a warning on its own line", () => {
  const { lines, log } = record({ format: "text" });
  log.warn({ err: new Error("no route") }, "failed");
  expect(lines[0]).toMatch(/WARNING failed cause="no route"\n$/);
});

test("what a caller sent can't forge a record or move the terminal's cursor", () => {
  const { lines, log } = record({ format: "text" });
  const forged = "a\n2026-01-01T00:00:00Z ERROR forged\u001b[2J";
  log.info({ model: forged }, forged);
  expect(lines[0]?.trimEnd().split("\n")).toHaveLength(1);
  expect(lines[0]).not.toContain("\u001b");
});
