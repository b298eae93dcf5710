import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";
import { executable, run } from "./executable.ts";

const home = temporaryFolder();

function file(name: string, content: string): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

const go = (args: string[], environment: Record<string, string> = {}) => run(args, { home, environment });

test("--version tells version and commit", async () => {
  const { code, stdout } = await go(["--version"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^vibectl-server \d+\.\d+\.\d+ \(\S.*\)\n$/);
});

test.each([
  [["--help"]],
  [["serve", "--help"]],
  [["check", "--help"]],
  [["generate-token", "--help"]],
  [["generate-certs", "--help"]],
])("%p prints help on stdout and ends with 0", async (args) => {
  const { code, stdout, stderr } = await go(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("USAGE");
});

describe("a wrong command line ends with 2 and says what would be right", () => {
  test.each([
    [["sevre"], "serve"],
    [["serve", "--generate-cert"], "--generate-certs"],
    [["serve", "--port", "x"], '--port is "x"'],
    [["serve", "--port", "65536"], "65535"],
    [["serve", "--tls", "--no-tls"], "contradict"],
    [["serve", "--no-tls", "--generate-certs"], "contradict"],
    [["serve", "--cert-file", "a"], "--key-file"],
    [["serve", "--log-format", "xml"], "text, json"],
    [["generate-token"], "SUBJECT is missing"],
    [["generate-token", "a", "--expires-in", "soon"], '--expires-in is "soon"'],
    [["check"], "URL is missing"],
    [["check", "http://localhost"], "vibectl-server-insecure://localhost:50051"],
  ])("%p", async (args, expected) => {
    const { code, stdout, stderr } = await go(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("what can't be served ends with 1, one clear line and a hint", () => {
  const folder = join(home, "a-folder");
  mkdirSync(folder);
  const empty = file("empty.pem", "");
  const nonsense = file("nonsense.pem", "hello\n");
  test.each([
    [["serve", "--cert-file", "none.crt", "--key-file", "none.key"], "none.crt"],
    [["serve", "--cert-file", folder, "--key-file", folder], "a-folder"],
    [["serve", "--cert-file", empty, "--key-file", empty], "empty.pem"],
    [["serve", "--cert-file", nonsense, "--key-file", nonsense], "nonsense.pem"],
    [["serve", "--model", "gpt-nope"], "gpt-nope"],
    [["serve", "--model", "openai/gpt-4o"], "there is no provider openai here, or it has no key"],
    [["serve", "--config", "none.yaml"], "none.yaml does not exist"],
    [["serve", "--config", folder], "is a folder"],
    [["serve", "--host", "no-such-host.invalid", "--port", "0"], "no-such-host.invalid"],
    [["generate-certs", "--hostname", "under_score"], "under_score"],
    [["generate-token", "a", "--output", folder], "a-folder"],
  ])("%p", async (args, expected) => {
    const { code, stdout, stderr } = await go(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test("a configuration that is wrong, with every problem's place", async () => {
    const config = file("wrong.yaml", "server:\n  port: many\n  tsl: true\n");
    const { code, stderr } = await go(["serve", "--config", config]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${config}:2:3: server.port`);
    expect(stderr).toContain(`${config}:3:3: unknown key server.tsl`);
  });

  test("a key that can't be one, without showing it", async () => {
    const { code, stderr } = await go(["serve"], { ANTHROPIC_API_KEY: "sk-ant secret" });
    expect(code).toBe(1);
    expect(stderr).toContain("ANTHROPIC_API_KEY");
    expect(stderr).not.toContain("secret");
  });

  test("a folder that can't be written", async () => {
    const { code, stderr } = await run(["generate-certs"], { home: join(empty, "home"), cwd: home });
    expect(code).toBe(1);
    expect(stderr).toContain("is a file, not a folder");
  });
});

test.if(existsSync("/dev/full"))("a token that could not be written is no success", async () => {
  const child = Bun.spawn(["sh", "-c", `'${executable}' generate-token a > /dev/full`], {
    env: { HOME: home },
    stderr: "pipe",
  });
  expect(await new Response(child.stderr).text()).toContain("stdout can't be written: ENOSPC");
  expect(await child.exited).toBe(1);
});

test("a .env and a bunfig.toml in the current folder have no say", async () => {
  const cwd = join(home, "hostile");
  mkdirSync(cwd);
  writeFileSync(join(cwd, ".env"), "VIBECTL_TLS_ENABLED=maybe\n");
  writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./evil.ts"]\n');
  writeFileSync(join(cwd, "evil.ts"), 'console.log("evil"); process.exit(3);\n');
  const { code, stdout } = await run(["generate-token", "a"], { home, cwd });
  expect(code).toBe(0);
  expect(stdout).not.toContain("evil");
});
