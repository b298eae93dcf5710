import { describe, expect, test } from "bun:test";
import { stripVTControlCharacters } from "node:util";
import { defineCommand } from "citty";
import { invoke, type Meta, usageLine, valuesOf } from "../../../src/cli/invoke.ts";
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
const tokenMeta: Meta = {
  name: "token",
  description: "Issues",
  example: "server token alice",
  names: ["token", "keys issue"],
};
const token = defineCommand({
  meta: tokenMeta,
  args: { subject: { type: "positional", description: "Who" } },
  run: ({ args }) => void ran.push(args.subject),
});
const copy = defineCommand({
  meta: { name: "copy", description: "Copies" },
  args: { from: { type: "string", description: "Source", required: true } },
  run: ({ args }) => void ran.push(args.from),
});
const keys = defineCommand({
  meta: { name: "keys", description: "Looks after keys" },
  subCommands: { wipe: () => copy, issue: () => token },
});
const root = defineCommand({
  meta: { name: "server", description: "A server" },
  subCommands: { serve: () => serve, token: () => token, copy: () => copy, keys: () => keys },
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
    [["keys", "isue"], 'Unknown command "isue" | Did you mean `server keys issue`?'],
    [["help", "srve"], 'Unknown command "srve"'],
    [["hlep"], "Did you mean `server help`?"],
    [["vibectl-server://s3cret@host"], 'Unknown command "vibectl-server://…@host"'],
    [["token", "a", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"], 'Unexpected argument "…"'],
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
    [["serve", "--no-tls=yes"], "--no-tls takes no value"],
    [["serve", "--no-host=x"], "Unknown flag --no-host"],
    [["serve", "--tls", "--tls"], "--tls is given twice"],
    [["serve", "--host", "--", "a"], "--host needs a value"],
    [["serve", "--version", "--tls"], "Unknown flag --version"],
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

test("a group alone is refused with a list of its commands, in their order", async () => {
  const problem = await problemOf("keys");
  expect(problem).toBe(
    "A command is missing; there are\n  wipe   Copies\n  issue  Issues | `server keys COMMAND --help` shows what a command takes.",
  );
});

test("a negative number is a value, for its command to judge", async () => {
  await run("serve", "--host", "-1");
  expect(ran.at(-1)).toMatchObject({ host: "-1" });
});

test.each([
  [["serve", "--hots"], "server serve [OPTIONS]"],
  [["token"], "server token [OPTIONS] <SUBJECT>"],
  [["keys", "issue", "a", "b"], "server keys issue [OPTIONS] <SUBJECT>"],
  [["copy"], "server copy [OPTIONS] --from=<from>"],
  [["keys"], "server keys <COMMAND>"],
  [["keys", "isue"], "server keys <COMMAND>"],
  [["srve"], "server <COMMAND>"],
  [["help", "srve"], "server <COMMAND>"],
  [[], "server <COMMAND>"],
])("the usage line for %p is that of the command that is named", async (argv, expected) => {
  expect(await usageLine(root, argv)).toBe(expected);
});

test("the usage line of a group loads none of its commands", async () => {
  const broken = defineCommand({
    meta: { name: "server", description: "A server" },
    subCommands: { broken: () => Promise.reject(new Error("loaded")) },
  });
  expect(await usageLine(broken, ["brken"])).toBe("server <COMMAND>");
});

async function helpOf(...argv: string[]): Promise<string> {
  await run(...argv);
  return stripVTControlCharacters(printed.at(-1) ?? "");
}

test("--help prints the help of the command that it stands behind", async () => {
  expect(await helpOf("serve", "--help")).toContain("--host");
  expect(await helpOf("--help")).toContain("token");
});

test("help COMMAND is COMMAND --help", async () => {
  expect(await helpOf("help", "keys", "issue")).toBe(await helpOf("keys", "issue", "--help"));
  expect(await helpOf("help")).toBe(await helpOf("-h"));
});

test("the help of a group lists its commands in their order", async () => {
  const help = await helpOf("--help");
  const places = ["serve  ", "token  ", "copy  ", "keys  "].map((name) => help.indexOf(name));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(help).toMatch(/^USAGE server <COMMAND>$/m);
});

test("a command with two names has the help of the name that it was called by, which tells the other", async () => {
  const [short, long] = [await helpOf("token", "--help"), await helpOf("keys", "issue", "--help")];
  expect(short).toContain("USAGE server token [OPTIONS] <SUBJECT>\n");
  expect(short).toContain("Also called `server keys issue`.\n");
  expect(long).toContain("USAGE server keys issue [OPTIONS] <SUBJECT>\n");
  expect(long).toContain("Also called `server token`.\n");
});

test.each([[["--version"]], [["-v"]], [["serve", "--version"]]])("%p prints the version", async (argv) => {
  expect(await helpOf(...argv)).toBe("1.2.3");
});
