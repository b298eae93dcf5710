import { expect, test } from "bun:test";
import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { askHidden } from "../../../src/cli/hidden-input.ts";
import { UsageError } from "../../../src/errors.ts";

/** A terminal that somebody types at, with what it was told. */
function terminal() {
  const modes: boolean[] = [];
  const stream = new PassThrough();
  const input = Object.assign(stream, {
    setRawMode: (mode: boolean) => void modes.push(mode),
  }) as unknown as NodeJS.ReadStream;
  const output = new PassThrough();
  return { ask: (question = "Q") => askHidden(question, { input, output }), input: stream, output, modes };
}

test.each([
  ["a line", ["abc\r"], "abc"],
  ["a line in pieces", ["a", "b", "c", "\n"], "abc"],
  ["a character whose bytes come apart", [Buffer.from([0xc3]), Buffer.from([0xa4]), "\r"], "ä"],
  ["a character that was taken back", ["aü\u007fb\r"], "ab"],
  ["a line that was begun anew", ["wrong\u0015right\r"], "right"],
  ["arrow keys, however they come", ["a\u001b[D\u001bOCb", "\u001b", "[", "1", ";", "5", "D", "c\r"], "abc"],
  ["control characters", ["a\t\u0001b\r"], "ab"],
])("%s gives what was typed", async (_, typed, expected) => {
  const { ask, input, modes } = terminal();
  const answer = ask();
  for (const piece of typed) input.write(piece);
  expect(await answer).toBe(expected);
  expect(modes).toEqual([true, false]);
});

test("what comes behind a line is the answer to the next question", async () => {
  const { ask, input } = terminal();
  const first = ask();
  input.write("one\rtwo\r");
  expect([await first, await ask()]).toEqual(["one", "two"]);
});

test.each([
  ["Ctrl-C", (input: PassThrough) => input.write("abc\u0003")],
  ["Ctrl-D", (input: PassThrough) => input.write("abc\u0004")],
  ["the end of the terminal", (input: PassThrough) => input.end()],
])("%s gives the question up, and the terminal shows again what is typed", async (_, act) => {
  const { ask, input, modes } = terminal();
  const answer = ask();
  act(input);
  await expect(answer).rejects.toBeInstanceOf(UsageError);
  expect(modes).toEqual([true, false]);
});

test("the question is shown, and nothing of the answer", async () => {
  const { ask, input, output } = terminal();
  let shown = "";
  output.on("data", (bytes) => {
    shown += bytes;
  });
  const answer = ask("Passphrase");
  input.write("s3cret\r");
  await answer;
  output.end();
  await finished(output);
  expect(shown).toBe("Passphrase: \n");
});
