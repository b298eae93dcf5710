import { describe, expect, test } from "bun:test";
import { type Dirent, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolders } from "../temporary-folder.ts";
import { startServer } from "./client/fake-server.ts";
import { startUpstream } from "./providers/scripted-upstream.ts";

const freshHome = temporaryFolders();
const source = join(import.meta.dir, "../../src/cli");
const script = `
  const { invoke } = await import(${JSON.stringify(join(source, "invoke.ts"))});
  const { doctor } = await import(${JSON.stringify(join(source, "doctor.ts"))});
  const root = { meta: { name: "vibectl-server" }, subCommands: { doctor } };
  await invoke(root, process.argv.slice(1), { print: console.log, version: "" });
  process.exit();
`;

/** What a home has beside its configuration. */
interface Home {
  configuration?: object;
  environment?: Record<string, string>;
  /** By their paths below the server's folder. */
  files?: Record<string, string>;
}

function makeHome({ configuration, environment, files = {} }: Home) {
  const home = freshHome();
  const folder = join(home, ".config/vibectl/server");
  const all = { ...(configuration ? { "config.yaml": JSON.stringify(configuration) } : {}), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(join(folder, name, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  const run = async (...words: string[]) => {
    // The runtime keeps a cache of what it has compiled, which is none of the command's doing.
    const env = { HOME: home, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0", ...environment };
    const child = Bun.spawn([process.execPath, "-e", script, "doctor", ...words], {
      cwd: home,
      env,
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { code: await child.exited, stdout, stderr };
  };
  return { home, folder, run };
}

/** Every file and folder with its mode, its times and its content. */
function stateOf(home: string): string[] {
  const entries: Dirent[] = readdirSync(home, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, mtimeMs, ctimeMs } = statSync(path);
      return [path, mode, mtimeMs, ctimeMs, entry.isFile() ? readFileSync(path, "utf8") : ""].join(" ");
    })
    .sort();
}

/** The checks of a report, each once, with their outcomes. */
function outcomesIn(stdout: string): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const [, mark = "", check = ""] of stdout.matchAll(/^(ok|warn|FAIL|-) +(\S+)/gm))
    result[check] = [...(result[check] ?? []), mark];
  return result;
}

const everyCheck = [
  "version",
  "configuration",
  "environment",
  "paths",
  "authentication",
  "exposure",
  "token-keys",
  "token-store",
  "tls",
  "client-certs",
  "port",
  "provider",
  "default-model",
  "clock",
  "descriptors",
];

describe("doctor", () => {
  test("finds nothing to mend in an empty home, and leaves it empty", async () => {
    const { home, run } = makeHome({ environment: { VIBECTL_SERVER_SERVER_PORT: "0", VIBECTL_SERVER_PORT: "" } });
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(Object.keys(outcomesIn(stdout))).toEqual(everyCheck);
    expect(stdout).not.toContain("FAIL");
    expect(stateOf(home)).toEqual([]);
  });

  test("tells all that is wrong at once, and ends with 1", async () => {
    const { home, run } = makeHome({
      configuration: {
        server: {
          host: "0.0.0.0",
          port: 0,
          require_auth: true,
          use_tls: true,
          cert_file: "/none.crt",
          key_file: "/none.key",
        },
        providers: { openai: {} },
      },
      files: { "jwt-secret": "short", "state/tokens.db": "no database ".repeat(100) },
    });
    const before = stateOf(home);
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(outcomesIn(stdout)).toMatchObject({
      configuration: ["ok"],
      exposure: ["ok"],
      "token-keys": ["FAIL"],
      "token-store": ["FAIL"],
      tls: ["FAIL"],
      provider: ["FAIL"],
    });
    expect(stdout.match(/^ {22}hint: /gm)?.length).toBeGreaterThanOrEqual(4);
    expect(stateOf(home)).toEqual(before);
  });

  test("skips what needs the configuration when that is wrong", async () => {
    const { run } = makeHome({ configuration: { server: { prot: 1 } } });
    const { code, stdout } = await run();
    expect(code).toBe(1);
    const outcomes = outcomesIn(stdout);
    expect(Object.keys(outcomes)).toEqual(everyCheck);
    expect(outcomes).toMatchObject({
      version: ["ok"],
      configuration: ["FAIL"],
      paths: ["-"],
      port: ["-"],
      clock: ["-"],
    });
    expect(stdout).toContain("did you mean port?");
  });

  test("changes nothing of a home that a server has filled, and knows the server that runs", async () => {
    using server = await startServer();
    const { home, folder, run } = makeHome({
      configuration: { server: { port: server.port, require_auth: true }, providers: { echo: {} } },
      files: { "jwt-secret": "c".repeat(64) },
    });
    const { TokenStore } = await import("../../src/auth/token-store.ts");
    const store = TokenStore.open(join(folder, "state"));
    store.revoke({ kind: "subject", name: "bob" });
    store.close();
    const before = stateOf(home);
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout).toContain(`a vibectl-server 1.2.3 runs on 127.0.0.1:${server.port}`);
    expect(stdout).toContain("0 tokens issued, 0 not yet expired; 0 tokens and 1 subject revoked");
    expect(stateOf(home)).toEqual(before);
  });

  test("prints one document of JSON", async () => {
    const { run } = makeHome({ configuration: { server: { port: 0 }, jwt: { secret_key: "short" } } });
    const { code, stdout } = await run("--json");
    expect(code).toBe(0);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ sound: true });
    expect([...new Set(document.checks.map(({ check }: { check: string }) => check))]).toEqual(everyCheck);
    expect(document.checks[0]).toEqual({
      check: "version",
      outcome: "ok",
      summary: expect.stringContaining("vibectl-server"),
      details: [],
      hint: null,
    });
    expect(document.checks.find(({ check }: { check: string }) => check === "token-keys")).toMatchObject({
      outcome: "warning",
    });
  });

  test("takes a file by --config, and refuses what it does not know", async () => {
    const { run, home } = makeHome({});
    const missing = await run("--config", join(home, "none.yaml"));
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain(`The configuration file ${join(home, "none.yaml")} does not exist`);
    const unknown = await run("--onlin");
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toContain("--online");
  });

  test("shows no secret from anywhere, in text or JSON, online or not, whatever fails", async () => {
    // Each ends in a number of its own, so that a failure tells which one it was.
    let count = 0;
    const secrets: string[] = [];
    const canary = (length = 40) => {
      const secret = `canary${String(count++).padStart(2, "0")}${"Zq7".repeat(length)}`.slice(0, length);
      secrets.push(secret.slice(0, 8));
      return secret;
    };
    await using upstream = startUpstream(({ headers }) =>
      Response.json(
        { error: { message: `no: ${headers.get("authorization")} ${headers.get("x-api-key")}` } },
        { status: 401 },
      ),
    );
    const providers = {
      local: { type: "openai-compatible", base_url: `${upstream.url}/v1?key=${canary()}`, key: canary() },
      anthropic: { base_url: upstream.url, key: `${canary()} ${canary()}` },
      google: { key_file: canary() },
      ollama: { base_url: `http://user:${canary()}@127.0.0.1:1`, key: canary() },
    };
    const environment = {
      VIBECTL_OPENAI_API_KEY: canary(),
      HTTPS_PROXY: `http://user:${canary()}@127.0.0.1:1`,
      VIBECTL_SERVER_UNKNOWN: canary(),
    };
    const server = { port: 0, require_auth: true };
    const homes = [
      makeHome({
        configuration: { server, jwt: { secret_key: canary(12), previous_secret_key: canary(12) }, providers },
        environment,
      }),
      makeHome({
        configuration: { server, jwt: { secret_key_file: canary() }, providers },
        files: { "jwt-secret": canary(10) },
        environment,
      }),
      makeHome({
        configuration: { server, providers },
        files: { "jwt-secret": canary(), "jwt-secret.previous": canary() },
        environment,
      }),
      makeHome({
        configuration: { server, jwt: { jwks_url: `${upstream.url}/keys?key=${canary()}`, algorithm: "ES256" } },
      }),
      makeHome({
        configuration: {
          server: { ...server, use_tls: true, cert_file: canary(), key_file: canary() },
          jwt: { secret_key: canary(80) },
        },
        environment: { VIBECTL_JWT_SECRET_KEY: canary(80), VIBECTL_JWT_SECRET: canary(80) },
      }),
      makeHome({
        configuration: { jwt: { secret: canary() }, providers: { openai: { keys: canary(), key: [canary()] } } },
      }),
    ];
    const outputs: string[] = [];
    for (const { run } of homes) {
      for (const words of [[], ["--json"], ["--online"], ["--online", "--json"]]) {
        const { stdout, stderr } = await run(...words);
        outputs.push(stdout, stderr);
      }
    }
    const all = outputs.join("\n");
    expect(all).toContain("FAIL");
    expect(secrets.filter((secret) => all.includes(secret))).toEqual([]);
  }, 60_000);
});
