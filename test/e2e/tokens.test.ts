import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rotateSecret } from "../../src/auth/secret.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { hostileTokens } from "../unit/auth/hostile-tokens.ts";
import { connect, textOf, until } from "./calls.ts";
import { run, type Serving, serve } from "./executable.ts";

setDefaultTimeout(30_000);
const home = temporaryFolder();
const folder = join(home, ".config", "vibectl", "server");
const secret = "a secret of more than thirty-two bytes, for tests";
const audience = "vibectl-tests";
const unauthenticated = 16;
const permissionDenied = 7;

let serving: Serving;

const go = (...args: string[]) => run(args, { home });

async function create(subject: string, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await go("token", "create", subject, ...flags);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
}

/** The status that a call with a token ends with. */
async function statusWith(token: string): Promise<number> {
  const caller = connect(serving.port, token);
  const { code } = await caller.serverInfo();
  caller.close();
  return code;
}

beforeAll(async () => {
  const config = `providers: { echo: { type: echo } }\nmodel_aliases: { fast: echo/echo }\njwt: { audience: ${audience} }\n`;
  await go("init-config");
  writeFileSync(join(folder, "config.yaml"), config);
  writeFileSync(join(folder, "jwt-secret"), `${secret}\n`, { mode: 0o600 });
  serving = await serve(["--require-auth"], { home });
});

afterAll(async () => {
  serving?.kill("SIGKILL");
  await serving?.exited;
});

describe("a token that was revoked", () => {
  test("by its id fails on its next call, on the same connection, without restart", async () => {
    const token = await create("alice");
    const { id } = JSON.parse((await go("token", "list", "--json")).stdout).tokens[0];
    const caller = connect(serving.port, token);
    expect((await caller.serverInfo()).code).toBe(0);
    expect((await go("token", "revoke", id)).code).toBe(0);
    expect((await caller.serverInfo()).code).toBe(unauthenticated);
    caller.close();
    await serving.logged(/the token was revoked at/);
  });

  test("with all others of its subject fails, and one that is issued at once afterwards works", async () => {
    const [one, other] = [await create("bob"), await create("bob")];
    expect([await statusWith(one), await statusWith(other)]).toEqual([0, 0]);
    await go("token", "revoke", "bob");
    const next = await create("bob");
    expect([await statusWith(one), await statusWith(other), await statusWith(next)]).toEqual([
      unauthenticated,
      unauthenticated,
      0,
    ]);
  });
});

describe("what a token may do", () => {
  test("is what its scopes are for", async () => {
    const info = connect(serving.port, await create("monitor", "--scope", "info"));
    expect((await info.serverInfo()).code).toBe(0);
    const refused = await info.execute("echo");
    expect(refused).toMatchObject({
      code: permissionDenied,
      details: expect.stringContaining("lacks the scope execute"),
    });
    info.close();
    const execute = connect(serving.port, await create("ci", "--scope", "execute"));
    expect(textOf(await execute.execute("echo"))).toBe("hello");
    expect((await execute.serverInfo()).code).toBe(0);
    execute.close();
  });

  test("is to use the models that it names, also by an alias, and it sees no others", async () => {
    const narrow = connect(serving.port, await create("narrow", "--model", "anthropic/*"));
    expect(await narrow.execute("echo")).toMatchObject({ code: permissionDenied });
    const { reply } = await narrow.serverInfo();
    expect(reply).toMatchObject({ availableModels: [], defaultModel: "", modelAliases: {} });
    narrow.close();
    const fast = connect(serving.port, await create("fast", "--model", "fast"));
    expect(textOf(await fast.execute("echo"))).toBe("hello");
    fast.close();
  });
});

describe("a secret that is rotated", () => {
  const file = join(folder, "jwt-secret");

  test("goes on accepting the old one's tokens for the overlap", async () => {
    const before = await create("carol");
    const { code, stderr } = await go("token", "rotate-secret", "--overlap", "1h");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const after = await create("carol");
    await until("the new secret's tokens are accepted", async () => (await statusWith(after)) === 0);
    expect(await statusWith(before)).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${file}.previous`, "utf8")).toStartWith(`${secret}\nuntil `);
  });

  test("ends them at once without an overlap", async () => {
    const before = await create("dave");
    await until("the secret is taken over", async () => (await statusWith(before)) === 0);
    await go("token", "rotate-secret", "--overlap", "0");
    await until("the old secret is gone", async () => (await statusWith(before)) === unauthenticated);
    expect(await statusWith(await create("dave"))).toBe(0);
  });
});

describe("a secret that is withdrawn", () => {
  const config = join(folder, "config.yaml");

  test.each([
    ["the configuration changes right before", 'log_level: "info"'],
    ["the configuration is wrong", "prot: 1"],
    ["the configuration can't be applied", "default_model: nowhere/none"],
  ])("is withdrawn also where %s", async (_what, line) => {
    const right = readFileSync(config, "utf8");
    const before = await create("frank");
    await until("the secret is taken over", async () => (await statusWith(before)) === 0);
    writeFileSync(config, `server: { ${line} }\n${right}`);
    await rotateSecret({ file: join(folder, "jwt-secret"), algorithm: "HS256", overlapSeconds: 0, now: new Date() });
    await until("the old secret is gone", async () => (await statusWith(before)) === unauthenticated);
    writeFileSync(config, right);
    const after = await create("frank");
    await until("the new secret is in force", async () => (await statusWith(after)) === 0);
  });
});

test("of the hostile tokens a running server accepts none, and tells none why", async () => {
  await go("token", "rotate-secret", "--overlap", "0");
  const current = readFileSync(join(folder, "jwt-secret"), "utf8").trim();
  const good = await create("erin");
  await until("the secret is taken over", async () => (await statusWith(good)) === 0);
  expect(hostileTokens.length).toBeGreaterThanOrEqual(100);
  // With more leeway than the server's, what is just too early now is still so when it arrives.
  const context = { secret: current, issuer: "vibectl-server", audience, leewaySeconds: 90 };
  const odd: unknown[] = [];
  let sent = 0;
  for (const { name, token } of hostileTokens) {
    const text = token({ ...context, now: new Date() });
    // Metadata can't carry anything else, and blanks around it are none of it (RFC 9110, section 5.5).
    if (!/^[\x20-\x7e]*$/.test(text) || text.trim() !== text || text.length > 60_000) continue;
    const caller = connect(serving.port, text);
    const outcome = await caller.serverInfo();
    caller.close();
    sent++;
    const plain = outcome.code === unauthenticated && outcome.details === "missing or invalid credentials";
    // A header that is too large ends the connection before there is a call.
    if (!plain && !(outcome.code !== 0 && text.length > 8192)) odd.push({ name, outcome });
  }
  expect(odd).toEqual([]);
  expect(sent).toBeGreaterThan(100);
  expect(serving.stderr()).toContain("the token has expired at");
  expect(await statusWith(good)).toBe(0);
});
