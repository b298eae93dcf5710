import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { commandHome } from "./main-runs.ts";

setDefaultTimeout(20_000);
const freshFolder = temporaryFolders();
const homeWith = (text?: string) => commandHome(freshFolder(), text);

describe("what wins over the file is told after a change of it", () => {
  test.each([
    [["jwt.secret_key_file", "/run/secret"], "VIBECTL_JWT_SECRET", "jwt.secret_key_file"],
    [["providers.anthropic.key_file", "/run/key"], "VIBECTL_ANTHROPIC_API_KEY", "providers.anthropic.key_file"],
    [["server", "{port: 7000}"], "VIBECTL_SERVER_SERVER_PORT", "server.port"],
    [
      ["providers.anthropic.keys.main.key_file", "/run/key"],
      "VIBECTL_ANTHROPIC_API_KEY",
      "providers.anthropic.keys.main.key_file",
    ],
    [
      ["providers.anthropic.timeouts.call_seconds", "60"],
      "VIBECTL_SERVER_PROVIDERS_ANTHROPIC_TIMEOUTS_CALL_SECONDS",
      "providers.anthropic.timeouts.call_seconds",
    ],
  ])("config set %j, and %s", async (words, variable, key) => {
    const value = /PORT|SECONDS$/.test(variable) ? "900" : "s".repeat(40);
    const { run } = homeWith();
    const { err, code } = await run(["config", "set", ...words], { [variable]: value });
    expect(code).toBe(0);
    expect(err).toContain(`warning: ${variable} is set here and wins over the file for ${key}\n`);
    expect(err).not.toContain("s".repeat(40));
  });

  test("also where it is removed there", async () => {
    const { run } = homeWith("server:\n  port: 1\n  host: localhost\n");
    const { err } = await run(["config", "unset", "server.port"], { VIBECTL_SERVER_SERVER_PORT: "2" });
    expect(err).toContain("warning: VIBECTL_SERVER_SERVER_PORT is set here and wins over the file for server.port");
  });

  test("and nothing where nothing does", async () => {
    const { run } = homeWith();
    const { err } = await run(["config", "set", "server.port", "1"], { VIBECTL_SERVER_SERVER_HOST: "localhost" });
    expect(err).not.toContain("warning");
  });
});

describe("config set", () => {
  test.each([
    [["server.port", "1", "server.host"], "server.host has no value"],
    [["server.port", "1", "server.port", "2"], "server.port is given twice"],
    [["providers.a.key", "-", "providers.b.key", "-"], "- is given twice"],
    [["port", "1"], "Did you mean server.port?"],
  ])("refuses %j", async (words, expected) => {
    const { run, file } = homeWith();
    const { err, code } = await run(["config", "set", ...words]);
    expect(code).toBe(2);
    expect(err).toContain(expected);
    expect(existsSync(file)).toBe(false);
  });
});

describe("a secret deep in a provider", () => {
  const secret = "hunter2canary";

  test.each([
    [
      "providers.openai.keys.main.key",
      secret,
      "Better: put it in a file, and set providers.openai.keys.main.key_file.",
    ],
    ["providers.openai.keys", `{ main: { key: ${secret} } }`, "set providers.openai.keys.main.key_file."],
    ["providers.openai", `{ keys: { main: { key: ${secret} } } }`, "set providers.openai.keys.main.key_file."],
    ["providers.openai.headers.x-team", secret, "config set providers.openai.headers.x-team - < FILE`.\n"],
    ["providers.openai.headers", `{ x-team: ${secret} }`, "config set providers.openai.headers.x-team - < FILE`.\n"],
  ])("is refused on the command line: %s", async (key, value, hint) => {
    const { run, file } = homeWith();
    const { err, code } = await run(["config", "set", key, value]);
    expect(code).toBe(2);
    expect(err).toContain(hint);
    expect(err).not.toContain(secret);
    expect(existsSync(file)).toBe(false);
  });

  test("is masked wherever the configuration is shown", async () => {
    const text = `providers:
  openai:
    keys: { main: { key: ${secret} } }
    headers: { x-team: ${secret} }
    proxy: http://user:${secret}@127.0.0.1:3128
`;
    const { run } = homeWith(text);
    for (const words of [["show"], ["show", "--origin"], ["get", "providers"], ["diff", "--json"], ["validate"]]) {
      const { out, err, code } = await run(["config", ...words]);
      expect(code).toBe(0);
      expect(out + err).not.toContain(secret);
    }
    expect((await run(["config", "get", "providers.openai.headers.x-team", "--reveal"])).out).toBe(`${secret}\n`);
    const { err } = await run(["config", "set", "providers.openai.proxy", `http://user:${secret}@127.0.0.1:3129`]);
    expect(err).toContain('providers.openai.proxy is "http://********@127.0.0.1:3129" in ');
  });
});

describe("config get", () => {
  test("fails for a name that is not there, and not for an empty section", async () => {
    const { run } = homeWith();
    expect(await run(["config", "get", "providers.nix"])).toMatchObject({ code: 1, out: "" });
    expect(await run(["config", "get", "providers"])).toMatchObject({ code: 0, out: "{}\n" });
  });

  test("says that a secret is masked", async () => {
    const { run } = homeWith(`jwt: { secret_key: ${"s".repeat(40)} }\n`);
    const { out, err } = await run(["config", "get", "jwt.secret_key"]);
    expect(out).toBe("********\n");
    expect(err).toContain("a secret is masked; --reveal shows it");
    expect((await run(["config", "get", "jwt.secret_key", "--reveal"])).err).toBe("");
  });
});

describe("the schema file", () => {
  test("replaces one of this program's, and nothing else unless it is forced", async () => {
    const { run, folder } = homeWith();
    const file = join(folder, "other.json");
    writeFileSync(file, '{ "mine": true }\n');
    const refused = await run(["config", "schema", "--output", file]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("--force replaces it");
    expect(readFileSync(file, "utf8")).toBe('{ "mine": true }\n');
    expect((await run(["config", "schema", "--output", file, "--force"])).code).toBe(0);
    expect((await run(["config", "schema", "--output", file])).code).toBe(0);
  });

  test("is written beside a file that is reset as a whole, unless another is there", async () => {
    const { run, folder } = homeWith("server: { port: 1 }\n");
    const schema = join(folder, "config.schema.json");
    expect((await run(["config", "reset"])).err).toContain("Wrote config.schema.json beside it");
    expect(JSON.parse(readFileSync(schema, "utf8"))).toMatchObject({ title: "Configuration of vibectl-server" });
    writeFileSync(schema, "{}\n");
    expect((await run(["config", "reset"])).err).toContain(`${schema} is another file, and stays`);
    expect(readFileSync(schema, "utf8")).toBe("{}\n");
  });
});

describe("a shell is offered", () => {
  test.each([
    [["config", "get", "server.por"], "server.port"],
    [["config", "set", "server.use_tls", ""], "true"],
    [["config", "set", "server.port", "1", "server.hos"], "server.host"],
    [["config", "unset", "server.port", "jwt.iss"], "jwt.issuer"],
    [["config", "show", "server.lim"], "server.limits"],
    [["config", "reset", "jw"], "jwt"],
    [["token", "create", "a", "--scope", "ex"], "execute"],
  ])("behind %j: %s", async (words, expected) => {
    const { completeWords } = await import("../../../../src/cli/completion-words.ts");
    const { root } = await import("../../../../src/cli/root.ts");
    const found = await completeWords(root, words);
    expect(typeof found === "string" ? found : found.map(({ word }) => word)).toContain(expected);
  });
});

describe("tokens where the configuration is not in order", () => {
  test("are listed and revoked where it has unknown keys", async () => {
    const { run, folder } = homeWith("server: { foo: 1 }\n");
    const { out, err, code } = await run(["token", "revoke", "alice"]);
    expect(code).toBe(0);
    expect(out).toStartWith("Revoked what was issued to alice until ");
    expect(err).toContain("unknown key server.foo");
    expect((await run(["token", "list"])).out).toContain("alice: all tokens issued until");
    expect(existsSync(join(folder, "state", "tokens.db"))).toBe(true);
  });

  test("are not revoked where the state folder can't be known, and the way out is told", async () => {
    const { run, folder } = homeWith("server: { port: many, state_dir: /var/lib/vibectl }\n");
    const { err, code } = await run(["token", "revoke", "alice"]);
    expect(code).toBe(1);
    expect(err).toContain("name a file that holds server.state_dir alone: --config FILE");
    expect(existsSync(join(folder, "state"))).toBe(false);
  });

  test("are listed without anything being made", async () => {
    const { run, folder } = homeWith();
    expect(await run(["token", "list"])).toMatchObject({ code: 0, out: "No tokens were issued here\n" });
    expect(existsSync(join(folder, "state"))).toBe(false);
  });
});
