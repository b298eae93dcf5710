import { describe, expect, test } from "bun:test";
import { runCommand } from "../../../../src/pki/system-trust/run-command.ts";

describe("a command", () => {
  test("gives its exit code and all that it writes", async () => {
    const script = "echo out; echo err >&2; exit 3";
    const { code, output } = await runCommand(["sh", "-c", script]);
    expect(code).toBe(3);
    expect(output.split("\n").sort()).toEqual(["", "err", "out"]);
  });

  test("that a signal ends is a failure that says so", async () => {
    const { code, output } = await runCommand(["sh", "-c", "kill -TERM $$"]);
    expect(code).toBe(128);
    expect(output).toContain("ended by SIGTERM");
  });

  test("that can't be run is a failure that says so", async () => {
    const { code, output } = await runCommand([import.meta.path]);
    expect(code).toBe(126);
    expect(output).toContain("EACCES");
  });
});
