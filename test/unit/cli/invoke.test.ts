import { describe, expect, test } from "bun:test";
import { defineCommand } from "citty";
import { invoke, valuesOf } from "../../../src/cli/invoke.ts";
import { UsageError } from "../../../src/errors.ts";

const ran: unknown[] = [];
const serve = defineCommand({
  meta: { name: "serve", description: "Serves" },
  args: {
    host: { type: "string", description: "Address" },
    tls: { type: "boolean", description: "TLS", negativeDescription: "Plain text" },
    level: { type: "enum", options: ["info", "debug"], description: "Level" },
    san: { type: "string", description: "Name", repeatable: true },
  },
  run: ({ args, rawArgs }) => void ran.push({ ...args, san: valuesOf(rawArgs, "san") }),
});
const token = defineCommand({
  meta: { name: "token", description: "Issues" },
  args: { subject: { type: "positional", description: "Who" } },
  run: ({ args }) => void ran.push(args.subject),
});
const copy = defineCommand({
  meta: { name: "copy", description: "Copies" },
  args: { from: { type: "string", description: "Source", required: true } },
  run: ({ args }) => void ran.push(args.from),
});
const root = defineCommand({
  meta: { name: "server", description: "A server" },
  subCommands: { serve: () => serve, token: () => token, copy: () => copy },
});

const printed: string[] = [];
const run = (...argv: string[]) => invoke(root, argv, { version: "1.2.3", print: (text) => void printed.push(text) });

async function problemOf(...argv: string[]): Promise<string> {
  const error = await run(...argv).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  const { message, hint } = error as UsageError;
  return `${message} | ${hint}`;
}

test("a command gets its flags", async () => {
  await run("serve", "--host", "a", "--no-tls", "--level=debug", "--san", "x", "--san=y");
  expect(ran.at(-1)).toMatchObject({ host: "a", tls: false, level: "debug", san: ["x", "y"] });
});

test("a positional may start with a dash after --", async () => {
  await run("token", "--", "-x");
  expect(ran.at(-1)).toBe("-x");
});

describe("a wrong command line is refused", () => {
  test.each([
    [["srve"], 'Unknown command "srve" | Did you mean `server serve`?'],
    [["constructor"], 'Unknown command "constructor"'],
    [[], "A command is missing"],
    [["serve", "--hots", "a"], "Unknown flag --hots | Did you mean --host?"],
    [["serve", "--frobnicate"], "Unknown flag --frobnicate"],
    [["serve", "-x"], "Unknown flag -x"],
    [["serve", "--__proto__", "1"], "Unknown flag --__proto__"],
    [["serve", "--host"], "--host needs a value"],
    [["copy"], "--from is missing"],
    [["serve", "--host", "--tls"], "--host needs a value"],
    [["serve", "--host="], "--host needs a value"],
    [["serve", "--no-host"], "Unknown flag --no-host"],
    [["serve", "--tls=yes"], "--tls takes no value"],
    [["serve", "--tls", "--no-tls"], "--tls and --no-tls contradict each other"],
    [["serve", "--host", "a", "--host", "b"], "--host is given twice"],
    [["serve", "--level", "loud"], '--level is "loud", but may be info, debug'],
    [["serve", "extra"], 'Unexpected argument "extra"'],
    [["token"], "SUBJECT is missing"],
    [["token", "a", "b"], 'Unexpected argument "b"'],
  ])("%p", async (argv, expected) => {
    const before = ran.length;
    expect(await problemOf(...argv)).toContain(expected);
    expect(ran).toHaveLength(before);
  });
});

test("--help prints the help of the command that it stands behind", async () => {
  await run("serve", "--help");
  expect(printed.at(-1)).toContain("--host");
  await run("--help");
  expect(printed.at(-1)).toContain("token");
});

test("--version prints the version", async () => {
  await run("--version");
  expect(printed.at(-1)).toBe("1.2.3");
});
