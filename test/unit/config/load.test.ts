import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadConfiguration } from "../../../src/config/load.ts";
import type { Override } from "../../../src/config/override.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { ConfigurationError, FileError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

function write(content: string | Uint8Array): string {
  const file = join(folder, `config-${count++}.yaml`);
  writeFileSync(file, content);
  return file;
}

function load(content: string | Uint8Array, environment: Record<string, string> = {}, overrides: Override[] = []) {
  return loadConfiguration({
    environment,
    overrides,
    paths: resolvePaths({ HOME: folder }),
    file: write(content),
  });
}

async function problemOf(content: string | Uint8Array, environment: Record<string, string> = {}): Promise<string> {
  const error = await load(content, environment).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as ConfigurationError).message;
}

test("a level in capitals is read", async () => {
  expect((await load("server: { log_level: WARNING }")).configuration.server.log_level).toBe("warning");
});

test("an empty file gives the defaults", async () => {
  const { configuration, warnings } = await load("");
  expect(configuration.server).toMatchObject({ host: "127.0.0.1", port: 50051, use_tls: false, require_auth: false });
  expect(configuration.jwt).toMatchObject({ algorithm: "HS256", issuer: "vibectl-server", expiration_days: 30 });
  expect(warnings).toEqual([]);
});

test("a section that holds nothing counts as absent", async () => {
  const { configuration } = await load("server:\njwt: null\n");
  expect(configuration.server.port).toBe(50051);
});

test("without any file the defaults hold", async () => {
  const loaded = await loadConfiguration({ environment: {}, paths: resolvePaths({ HOME: join(folder, "nobody") }) });
  expect(loaded.file).toBeUndefined();
  expect(loaded.originOf(["server", "port"])).toBe("default");
});

test("the spellings that are fixed by contract are read", async () => {
  const { configuration } = await load(`
server:
  host: 127.0.0.1
  port: 50051
  default_model: anthropic/claude-sonnet-4-5
  require_auth: true
  use_tls: true
  cert_file: null            # null: made and kept in certs/
  key_file: null
  limits:
    global: { max_requests_per_minute: 120, max_concurrent_requests: 10, max_input_length: 32000, request_timeout_seconds: 60 }
    per_token: { ci-bot: { max_requests_per_minute: 20 } }
jwt: { secret_key_file: null, algorithm: HS256, issuer: vibectl-server, expiration_days: 30 }
providers:
  anthropic: { key_file: /run/secrets/anthropic }
  local: { type: openai-compatible, base_url: "http://127.0.0.1:8089/v1", key: sk-x, models: [tiny] }
model_aliases: { claude-4-sonnet: anthropic/claude-sonnet-4-5 }
`);
  expect(configuration.server.limits.per_token["ci-bot"]).toEqual({ max_requests_per_minute: 20 });
  expect(configuration.providers.local).toEqual({
    type: "openai-compatible",
    base_url: "http://127.0.0.1:8089/v1",
    key: "sk-x",
    models: ["tiny"],
  });
});

describe("precedence", () => {
  test("a flag wins over the environment, which wins over the file", async () => {
    const file = "server: { use_tls: false, cert_file: a, key_file: k }\njwt: { issuer: a }\n";
    const environment = { VIBECTL_TLS_ENABLED: "true", VIBECTL_TLS_CERT_FILE: "b" };
    const flag = { path: ["server", "cert_file"], value: "c", origin: "--cert-file" };
    const { configuration, originOf } = await load(file, environment, [flag]);
    expect(configuration.server).toMatchObject({ use_tls: true, cert_file: "c" });
    expect(configuration.jwt.issuer).toBe("a");
    expect(originOf(["server", "cert_file"])).toBe("--cert-file");
    expect(originOf(["server", "use_tls"])).toBe("VIBECTL_TLS_ENABLED");
    expect(originOf(["jwt", "issuer"])).toEndWith(".yaml:2:8");
    expect(originOf(["server", "port"])).toBe("default");
  });

  test("an empty variable counts as unset", async () => {
    const { configuration } = await load("jwt: { issuer: a }", { VIBECTL_JWT_ISSUER: "" });
    expect(configuration.jwt.issuer).toBe("a");
  });

  test("VIBECTL_SERVER_CONFIG names the file", async () => {
    const file = write("server: { port: 1234 }");
    const environment = { VIBECTL_SERVER_CONFIG: file };
    const { configuration } = await loadConfiguration({ environment, paths: resolvePaths(environment) });
    expect(configuration.server.port).toBe(1234);
  });
});

describe("the Python server's spellings", () => {
  test("are taken over, with a warning that names the place", async () => {
    const { configuration, warnings } = await load(
      "tls:\n  enabled: true\n  cert_file: x\n  key_file: y\njwt: { enabled: true }\n",
    );
    expect(configuration.server).toMatchObject({ use_tls: true, cert_file: "x", require_auth: true });
    expect(warnings.join("\n")).toMatch(/yaml:2:3: tls.enabled is the old spelling of server.use_tls/);
    expect(warnings).toHaveLength(4);
  });

  test("are refused where both are given and differ, naming both places", async () => {
    const problem = await problemOf("tls: { enabled: true }\nserver: { use_tls: false }\n");
    expect(problem).toMatch(/yaml:1:8: tls.enabled is true, but server.use_tls at .*yaml:2:11 is false/);
  });

  test("may agree", async () => {
    const { configuration } = await load("tls: { enabled: true }\nserver: { use_tls: true }\n");
    expect(configuration.server.use_tls).toBe(true);
  });

  test("of things that this server does not do are accepted and said to have no effect", async () => {
    const { warnings } = await load("jwt: { expiration_hours: 1 }\nacme: { enabled: true }\n");
    expect(warnings.join("\n")).toContain("jwt.expiration_hours has no effect");
    expect(warnings.join("\n")).toContain("acme has no effect");
  });

  test("in its default file cause no noise about things that are off", async () => {
    const { warnings } = await load(`
server: { host: 0.0.0.0, port: 50051, max_workers: 10, default_model: null, limits: { global: { max_requests_per_minute: null, max_concurrent_requests: null, max_input_length: null, request_timeout_seconds: null }, per_token: {} } }
jwt: { enabled: false, secret_key: null, algorithm: HS256, expiration_hours: 24 }
tls: { enabled: false, cert_file: null, key_file: null, ca_bundle_file: null, hsts: { enabled: false, max_age: 31536000, include_subdomains: true, preload: false } }
acme: { enabled: false, email: null, domains: [], directory_url: "https://acme-v02.api.letsencrypt.org/directory", challenge: { type: http-01 }, challenge_dir: .well-known/acme-challenge, auto_renew: true, renew_days_before_expiry: 30 }
`);
    expect(warnings.every((warning) => warning.includes("old spelling"))).toBe(true);
  });

  test("for the calls that run at once take effect, also in quotes", async () => {
    expect((await load("server: { max_workers: 10 }")).warnings).toEqual([]);
    const { configuration, warnings } = await load("server: { max_workers: '12' }");
    expect(configuration.server.max_workers).toBe(12);
    expect(warnings).toEqual([expect.stringContaining("server.max_workers is a number in quotes: remove them")]);
  });
});

describe("a file that is wrong", () => {
  test("gets all its problems named at once, each with line and column", async () => {
    const problem = await problemOf("server:\n  port: abc\n  use_tls: 3\n");
    expect(problem).toMatch(/yaml:2:3: server.port: .*number.*found "abc"/);
    expect(problem).toMatch(/yaml:3:3: server.use_tls: .*true or false.*found 3/);
  });

  test.each([
    ["server: { prot: 1 }", "unknown key server.prot; did you mean port?"],
    ["sever: {}", "did you mean server?"],
    ["providers: { a: { typ: echo } }", "unknown key providers.a.typ; did you mean type?"],
    ["server: { limits: { global: { max_rpm: 1 } } }", "unknown key server.limits.global.max_rpm"],
    ["server: 5", "found 5"],
    ["server: { port: 65536 }", "found 65536"],
    ["server: { port: -1 }", "found -1"],
    ["server: { port: 1.5 }", "found 1.5"],
    ["server: { use_tls: yes }", 'found "yes"'],
    ["server: { host: '' }", "server.host"],
    ["jwt: { algorithm: none }", "jwt.algorithm"],
    ["jwt: { expiration_days: 0 }", "jwt.expiration_days"],
    ["providers: { Big: {} }", "lower-case"],
    ["providers: { a: { base_url: 'ftp://x' } }", "providers.a.base_url"],
    ["providers: { a: { models: [] } }", "providers.a.models"],
    ["model_aliases: { a: 5 }", "model_aliases.a"],
    ["- a", "holds a list"],
    ["just text", "holds a single value"],
    ["a: [", ":"],
    ["a: 1\na: 2", 'the key "a" stands twice'],
    ["server:\n\tport: 1", "Tabs"],
    ["server: *nowhere", "an alias stands for nothing"],
  ])("%p is refused", async (content, expected) => {
    expect(await problemOf(content)).toContain(expected);
  });

  test.each([
    "providers: { anthropic: sk-ant-s3cr3t }",
    "providers: [{ name: anthropic, key: sk-ant-s3cr3t }]",
    "providers: { anthropic: { key: [sk-ant-s3cr3t] } }",
    "providers: { anthropic: { base_url: sk-ant-s3cr3t } }",
    "jwt: s3cr3t",
    "jwt: [{ secret_key: s3cr3t }]",
    "jwt: { issuer: [s3cr3t] }",
  ])("does not get a misplaced secret repeated: %s", async (content) => {
    expect(await problemOf(content)).not.toContain("s3cr3t");
  });

  test("that holds an alias of itself is refused", async () => {
    expect(await problemOf("server: &s { port: *s }")).toContain("an alias stands for what it is a part of itself");
  });

  test("under an old spelling is named as it stands there", async () => {
    expect(await problemOf("tls:\n  enabled: maybe\n")).toMatch(/yaml:2:3 \(tls.enabled\): server.use_tls/);
  });

  test("does not get a secret repeated", async () => {
    expect(await problemOf("jwt: { secret_key: [s3cr3t] }")).not.toContain("s3cr3t");
    expect(await problemOf("providers: { a: { key: [s3cr3t] } }")).not.toContain("s3cr3t");
  });

  test("that is not UTF-8 is refused", async () => {
    expect(await problemOf(new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe]))).toContain("is not UTF-8");
  });

  test("that is huge is refused before it is read", async () => {
    expect(await problemOf("#".repeat(1024 * 1024 + 1))).toContain("1048577 bytes");
  });

  test("whose aliases would explode is refused", async () => {
    const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (const [previous, next] of ["ab", "bc", "cd", "de", "ef"].map((pair) => pair.split(""))) {
      bomb.push(`${next}: &${next} [${Array(9).fill(`*${previous}`).join(",")}]`);
    }
    expect(await problemOf(bomb.join("\n"))).toContain("alias");
  });

  test.each([
    ["VIBECTL_TLS_ENABLED", "maybe"],
    ["VIBECTL_TLS_ENABLED", "constructor"],
    ["VIBECTL_JWT_EXPIRATION_DAYS", "soon"],
  ])("a variable %s=%s is refused by name and value", async (variable, value) => {
    const problem = await problemOf("", { [variable]: value });
    expect(problem).toContain(variable);
    expect(problem).toContain(value);
  });
});

describe("the file of the usual name", () => {
  const usual = (home: string) => join(home, ".config", "vibectl", "server", "config.yaml");
  const loadFrom = (home: string, environment: Record<string, string> = {}) =>
    loadConfiguration({ environment, paths: resolvePaths({ HOME: home, ...environment }) });

  test("is read also where VIBECTL_SERVER_CONFIG is set to nothing", async () => {
    const home = join(folder, "usual");
    mkdirSync(dirname(usual(home)), { recursive: true });
    writeFileSync(usual(home), "server: { require_auth: true }");
    const { configuration } = await loadFrom(home, { VIBECTL_SERVER_CONFIG: "" });
    expect(configuration.server.require_auth).toBe(true);
  });

  test("is not passed over where it leads nowhere", async () => {
    const home = join(folder, "dangling");
    mkdirSync(dirname(usual(home)), { recursive: true });
    symlinkSync(join(home, "nowhere"), usual(home));
    await expect(loadFrom(home)).rejects.toThrow(FileError);
  });

  test("can't be there where a folder of its path is a file, as with HOME=/dev/null", async () => {
    const blocked = join(folder, "blocked");
    writeFileSync(blocked, "");
    expect((await loadFrom(blocked)).file).toBeUndefined();
  });
});

test("an entry whose name is all it says is still there", async () => {
  const { configuration } = await load("providers:\n  ollama:\nserver: { limits: { per_token: { a: } } }\n");
  expect(configuration.providers).toEqual({ ollama: null });
  expect(configuration.server.limits.per_token).toEqual({ a: {} });
  expect(await problemOf("model_aliases: { a: }")).toContain("model_aliases.a");
});

test("a path of the file may begin with the home folder's sign", async () => {
  const { configuration } = await load("jwt: { secret_key_file: ~/secret }", { HOME: "/home/a" });
  expect(configuration.jwt.secret_key_file).toBe("/home/a/secret");
});

test("a file that is not there, or is a folder, is named", async () => {
  const paths = resolvePaths({ HOME: folder });
  const missing = loadConfiguration({ environment: {}, paths, file: join(folder, "none.yaml") });
  await expect(missing).rejects.toThrow(/none.yaml does not exist/);
  mkdirSync(join(folder, "directory.yaml"));
  const directory = loadConfiguration({ environment: {}, paths, file: join(folder, "directory.yaml") });
  await expect(directory).rejects.toThrow(FileError);
});
