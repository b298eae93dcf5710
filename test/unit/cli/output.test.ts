import { expect, test } from "bun:test";
import { showsColour } from "../../../src/cli/output.ts";

test.each<[{ isTTY?: boolean }, Record<string, string>, boolean]>([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: "" }, true],
  [{ isTTY: true }, { NO_COLOR: "1" }, false],
  [{ isTTY: true }, { NO_COLOR: "true" }, false],
  [{ isTTY: true }, { TERM: "dumb" }, false],
  [{ isTTY: true }, { TERM: "xterm" }, true],
  [{}, {}, false],
  [{ isTTY: false }, { FORCE_COLOR: "1" }, false],
])("a stream %p in the environment %p shows colours: %p", (stream, environment, expected) => {
  expect(showsColour(stream, environment)).toBe(expected);
});
