import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";
import { run, type Serving, serve } from "./executable.ts";

const home = temporaryFolder();
const certs = join(home, ".config", "vibectl", "server", "certs");
const bundle = join(certs, "ca-bundle.crt");
const running: Serving[] = [];

async function start(...args: string[]): Promise<Serving> {
  const serving = await serve(args, { home });
  running.push(serving);
  return serving;
}

afterAll(async () => {
  for (const serving of running) serving.kill("SIGKILL");
  await Promise.all(running.map(({ exited }) => exited));
});

describe("on a machine with nothing but the file", () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await start("--generate-certs");
  });

  test("it says where it listens, what to trust, which model answers, and what to do next", () => {
    const text = serving.stdout();
    expect(text).toContain(`listens on 127.0.0.1:${serving.port}`);
    expect(text).toContain(bundle);
    expect(text).toContain("echo/echo, built in: no provider has a key");
    expect(text).toContain(`check vibectl-server://localhost:${serving.port} --ca-bundle ${bundle}`);
    expect(text).not.toContain("\u001b");
  });

  test("keys are readable by their owner alone", () => {
    expect(statSync(join(certs, "server.key")).mode & 0o777).toBe(0o600);
    expect(statSync(certs).mode & 0o777).toBe(0o700);
  });

  test("check streams an answer and ends with 0", async () => {
    const url = `vibectl-server://localhost:${serving.port}`;
    const { code, stdout, stderr } = await run(["check", url, "--ca-bundle", bundle, "--prompt", "hello there"], {
      home,
    });
    expect(stderr).toBe("");
    expect(stdout).toContain("hello there");
    expect(code).toBe(0);
  });

  test("check reaches it by its IP address too, and takes the bundle from the environment", async () => {
    const url = `vibectl-server://127.0.0.1:${serving.port}`;
    const { code } = await run(["check", url], { home, environment: { VIBECTL_CA_BUNDLE: bundle } });
    expect(code).toBe(0);
  });

  test("check without the bundle names the untrusted issuer and ends with 1", async () => {
    const { code, stdout, stderr } = await run(["check", `vibectl-server://localhost:${serving.port}`], { home });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("--ca-bundle");
  });

  test("check with the wrong scheme says which one is right", async () => {
    const { code, stdout, stderr } = await run(["check", `vibectl-server-insecure://localhost:${serving.port}`], {
      home,
    });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("vibectl-server://");
  });

  test("a port in use is one clear line and exit code 1", async () => {
    const { code, stderr } = await run(["serve", "--port", String(serving.port)], { home });
    expect(code).toBe(1);
    expect(stderr).toContain(`${serving.port}`);
    expect(stderr).toContain("hint: ");
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

test("killed and started again, the same bundle still verifies", async () => {
  const before = readFileSync(bundle, "utf8");
  running[0]?.kill("SIGKILL");
  await running[0]?.exited;
  const serving = await start("--generate-certs");
  expect(readFileSync(bundle, "utf8")).toBe(before);
  const url = `vibectl-server://localhost:${serving.port}`;
  expect((await run(["check", url, "--ca-bundle", bundle], { home })).code).toBe(0);
});

test("a certificate that was made anew still verifies with the same bundle", async () => {
  const { code, stdout } = await run(["generate-certs", "--hostname", "llm.example.org", "--san", "10.1.2.3"], {
    home,
  });
  expect(code).toBe(0);
  expect(stdout).toContain("llm.example.org, 10.1.2.3");
  const serving = await start("--generate-certs");
  expect(serving.stdout()).toContain("llm.example.org");
  const url = `vibectl-server://localhost:${serving.port}`;
  expect((await run(["check", url, "--ca-bundle", bundle], { home })).code).toBe(0);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s drains and ends with 0", async (signal) => {
  const serving = await start();
  serving.kill(signal);
  const { code, stderr } = await serving.exited;
  expect(code).toBe(0);
  expect(stderr).toMatch(/draining signal=SIG[A-Z]+\n.*stopped\n$/);
});

test("--log-format json writes one JSON object a line on stderr", async () => {
  const serving = await start("--log-format", "json");
  await run(["check", `vibectl-server-insecure://localhost:${serving.port}`, "--prompt", "a"], { home });
  serving.kill("SIGTERM");
  const { stderr } = await serving.exited;
  const records = stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { msg: string; level: string; path?: string; code?: string });
  expect(records.map(({ msg }) => msg)).toContain("listening");
  const call = records.find(({ path }) => path?.endsWith("/StreamExecute"));
  expect(call).toMatchObject({ level: "info", code: "OK" });
});

describe("with --require-auth", () => {
  let serving: Serving;
  let token: string;
  const url = (credentials = "") => `vibectl-server://${credentials}localhost:${serving.port}`;
  beforeAll(async () => {
    serving = await start("--generate-certs", "--require-auth");
    token = (await run(["generate-token", "alice"], { home })).stdout.trim();
  });

  test("generate-token prints the token alone", () => {
    expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  test("a caller without a token is refused", async () => {
    const { code, stdout, stderr } = await run(["check", url(), "--ca-bundle", bundle], { home });
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("the server asks for a token, and there is none");
    await serving.logged(/the call carries no authorization metadata/);
  });

  test("the token works in the URL, and is not printed", async () => {
    const { code, stdout, stderr } = await run(["check", url(`${token}@`), "--ca-bundle", bundle], { home });
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(token);
  });

  test("the token works from a file and from the environment", async () => {
    const file = join(home, "bob.jwt");
    const issued = await run(["generate-token", "bob", "--expires-in", "1h", "--output", file], { home });
    expect(issued).toMatchObject({ code: 0, stdout: "" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await run(["check", url(), "--ca-bundle", bundle, "--jwt-path", file], { home })).code).toBe(0);
    const environment = { VIBECTL_JWT_TOKEN: token, VIBECTL_CA_BUNDLE: bundle };
    expect((await run(["check", url()], { home, environment })).code).toBe(0);
  });

  test("a token of another secret is refused", async () => {
    const environment = { VIBECTL_JWT_SECRET: "another-secret-that-is-long-enough" };
    const { stdout } = await run(["generate-token", "mallory"], { home, environment });
    const { code } = await run(["check", url(`${stdout.trim()}@`), "--ca-bundle", bundle], { home });
    expect(code).toBe(1);
    await serving.logged(/the token's signature is not by a key of this server/);
  });
});
