import { describe, expect, test } from "bun:test";
import { serve } from "../../../src/cli/serve.ts";
import { overridesFrom, type ServeFlags } from "../../../src/cli/serve-flags.ts";
import { valuesOfKey } from "../../../src/config/key-name.ts";
import { configurationKeys, keyAt } from "../../../src/config/keys.ts";
import { formatPath } from "../../../src/config/tree.ts";

/** What is known of a flag of `serve`. */
interface Flag {
  type: string;
  description?: string;
  options?: readonly string[];
  valueHint?: string;
}

const flags = new Map(Object.entries((await serve.args) as Record<string, Flag>));

/** The keys that flags set, as the schema has it. */
const flagged = configurationKeys().flatMap((key) =>
  (key.meta.flag?.split(", ") ?? []).map((flag) => ({ key, flag, name: flag.slice(2) })),
);

/** A value that a flag takes. */
function valueFor(name: string): string | boolean {
  const { type, options } = flags.get(name) ?? {};
  if (type === "boolean") return true;
  if (name === "log-level") return "debug";
  return options?.[0] ?? "1";
}

/** The keys that one flag sets by itself, each with the flag that it is said to come from. */
function setBy(name: string): string[] {
  const given: ServeFlags = { [name]: valueFor(name) };
  const tls = { value: name === "tls" ? true : undefined, origin: "--tls" };
  const hosts = name === "hostname" || name === "san" ? ["1"] : [];
  return overridesFrom(given, tls, hosts).map(({ path, origin }) => `${formatPath(path)} by ${origin}`);
}

describe("a flag that the schema names is one of serve, and sets its key and no other:", () => {
  test.each(flagged.map((each) => [each.flag, each] as const))("%s", (flag, { key, name }) => {
    expect(flags.has(name)).toBe(true);
    // The list of names has two flags, and is told by the first.
    const origin = flag === "--san" ? "--hostname" : flag;
    expect(setBy(name)).toEqual([`${formatPath(key.path)} by ${origin}`]);
  });
});

test("every flag that sets a key is named by the schema, or is another word for one that is", () => {
  const named = new Set(flagged.map(({ name }) => name));
  const setting = [...flags.keys()].filter((name) => setBy(name).length > 0);
  expect(setting.filter((name) => !named.has(name))).toEqual(["auth"]);
  expect(setBy("auth")).toEqual(["server.require_auth by --auth"]);
});

test("a flag offers the choices that its key has", () => {
  for (const { key, name } of flagged) {
    if (key.kind !== "choice") continue;
    const { options, valueHint } = flags.get(name) ?? {};
    expect([name, options ?? valueHint?.split("|")]).toEqual([name, valuesOfKey(formatPath(key.path))]);
  }
});

test("a default that a flag's description tells is its key's", () => {
  const told = flagged.flatMap(({ key, name }) => {
    const [, value] = /\(([^\s,()]+)\)$/.exec(flags.get(name)?.description ?? "") ?? [];
    return value === undefined ? [] : [[formatPath(key.path), value]];
  });
  expect(told.map(([name]) => name)).toEqual(["server.host", "server.port", "server.max_workers", "tls.min_version"]);
  expect(told).toEqual(told.map(([name = ""]) => [name, String(keyAt(name.split("."))?.default)]));
});

test.each(["0", "-1", "1.5", "ten", "", "100001", "1e3"])("%p is no number of workers", (text) => {
  const setting = () => overridesFrom({ "max-workers": text }, { value: undefined, origin: "--tls" }, []);
  expect(setting).toThrow(`--max-workers is ${JSON.stringify(text)}, which is no whole number from 1 to 100000`);
});
