import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Setting, setKeys, unsetKeys } from "../../../src/config/change.ts";
import { VibectlError } from "../../../src/errors.ts";
import { temporaryFolders } from "../../temporary-folder.ts";

const freshFolder = temporaryFolders();

function fileWith(text: string): string {
  const file = join(freshFolder(), "config.yaml");
  writeFileSync(file, text);
  return file;
}

async function afterSet(text: string, ...settings: readonly [path: string, value: Setting["value"]][]) {
  const file = fileWith(text);
  await setKeys(
    file,
    settings.map(([path, value]) => ({ path: path.split("."), value })),
  );
  return readFileSync(file, "utf8");
}

async function afterUnset(text: string, ...names: string[]) {
  const file = fileWith(text);
  await unsetKeys(file, names);
  return readFileSync(file, "utf8");
}

async function refusalOf(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!(error instanceof VibectlError)) throw new Error("it was not refused");
  return `${error.name}: ${error.message} | ${error.hint}`;
}

describe("a section that is set", () => {
  test("keeps the keys that are not given, and every comment", async () => {
    const text = "server:\n  # ours\n  require_auth: true # a\n  port: 1 # b\n";
    expect(await afterSet(text, ["server", { port: 2, limits: { global: { max_requests_per_minute: 5 } } }])).toBe(
      "server:\n  # ours\n  require_auth: true # a\n  port: 2 # b\n" +
        "  limits: { global: { max_requests_per_minute: 5 } }\n",
    );
  });

  test("that is a provider keeps what it has", async () => {
    const text = "providers:\n  local:\n    type: ollama # here\n";
    expect(await afterSet(text, ["providers.local", { base_url: "http://127.0.0.1:1" }])).toBe(
      'providers:\n  local:\n    type: ollama # here\n    base_url: "http://127.0.0.1:1"\n',
    );
  });

  test("that is a map of names gets the names that are given", async () => {
    const text = "model_aliases: { a: echo/echo }\n";
    expect(await afterSet(text, ["model_aliases", { b: "echo/echo" }])).toBe(
      "model_aliases: { a: echo/echo, b: echo/echo }\n",
    );
    expect(await afterSet(text, ["model_aliases", {}])).toBe(text);
  });

  test("that is deep in a provider keeps what stands around it", async () => {
    const text = "providers:\n  openai: # ours\n    keys:\n      # the main one\n      main: { key_file: /a } # a\n";
    expect(await afterSet(text, ["providers.openai.keys", { spare: { key_file: "/b", weight: 0.5 } }])).toBe(
      `${text}      spare: { key_file: /b, weight: 0.5 }\n`,
    );
    expect(await afterSet(text, ["providers.openai.keys.main.weight", 3])).toBe(
      text.replace("key_file: /a }", "key_file: /a, weight: 3 }"),
    );
    expect(await afterSet(text, ["providers.openai.timeouts.call_seconds", 60])).toBe(
      `${text}    timeouts:\n      call_seconds: 60\n`,
    );
  });

  test("that is a route takes the place of the one of before", async () => {
    const text = "model_routes:\n  fast: [a/b] # ours\n";
    expect(await afterSet(text, ["model_routes.fast", ["c/d", { model: "e/f", weight: 2 }]])).toBe(
      "model_routes:\n  fast: [c/d, { model: e/f, weight: 2 }] # ours\n",
    );
    expect(await afterSet(text, ["model_routes", { slow: ["g/h"] }])).toBe(`${text}  slow: [g/h]\n`);
    expect(await afterSet("", ["model_fallbacks", { "*": ["a/b"] }])).toBe('model_fallbacks:\n  "*": [a/b]\n');
  });

  test("is written where there is none", async () => {
    expect(await afterSet("", ["providers.local", { type: "echo" }])).toBe("providers:\n  local: { type: echo }\n");
    expect(await afterSet("", ["server", { port: 1, host: "localhost" }])).toBe(
      "server:\n  port: 1\n  host: localhost\n",
    );
  });

  test("takes the place of what is no section", async () => {
    expect(await afterSet("server: 5\n", ["server", { port: 1 }])).toBe("server: { port: 1 }\n");
    expect(await afterSet("server:\n", ["server", { port: 1 }])).toBe("server:\n  port: 1\n");
  });

  test("keeps the Python server's spelling of what the file has", async () => {
    const text = "tls:\n  enabled: false\n";
    expect(await afterSet(text, ["server", { use_tls: true }])).toBe("tls:\n  enabled: true\n");
  });
});

describe("several keys", () => {
  test("are set in one edit, with one check", async () => {
    const text = await afterSet("", ["server.cert_file", "/a"], ["server.key_file", "/b"]);
    expect(text).toBe("server:\n  cert_file: /a\n  key_file: /b\n");
    expect(await afterUnset(text, "server.cert_file", "server.key_file")).toBe("");
  });

  test("that belong together are asked for together", async () => {
    const file = fileWith("server: {}\n");
    const refusal = await refusalOf(setKeys(file, [{ path: ["server", "cert_file"], value: "/a" }]));
    expect(refusal).toStartWith("ConfigurationError: The file would be wrong afterwards:");
    expect(refusal).toContain("| Nothing was written. Keys that belong together are set together: ");
    expect(readFileSync(file, "utf8")).toBe("server: {}\n");
  });

  test("are not blamed for what was wrong before", async () => {
    const file = fileWith("server: { foo: 1 }\n");
    const refusal = await refusalOf(setKeys(file, [{ path: ["server", "port"], value: 1 }]));
    expect(refusal).toContain("| Nothing was written. Mend the rest first: vibectl-server config edit.");
  });
});

describe("whatever a file has can be removed", () => {
  test.each([
    ["server:\n  foo: 1\n  port: 2\n", "server.foo", "server:\n  port: 2\n"],
    ["server:\n  max_workers: 3\n  port: 2\n", "server.max_workers", "server:\n  port: 2\n"],
    ["jwt:\n  expiration_hours: 3\n  issuer: a\n", "jwt.expiration_hours", "jwt:\n  issuer: a\n"],
    [
      "providers: { openai: { keys: { a: { key: b }, c: { key: d } } } }\n",
      "providers.openai.keys.a",
      "providers: { openai: { keys: { c: { key: d } } } }\n",
    ],
    [
      "providers: { openai: { key: a, headers: { x-team: b, x.y: c } } }\n",
      "providers.openai.headers.x.y",
      "providers: { openai: { key: a, headers: { x-team: b } } }\n",
    ],
    ["acme:\n  enabled: true\nserver: { port: 2 }\n", "acme", "server: { port: 2 }\n"],
    ["tls:\n  enabled: true\nserver: { port: 2 }\n", "server.use_tls", "server: { port: 2 }\n"],
    ["tls:\n  enabled: true\nserver: { port: 2 }\n", "tls.enabled", "server: { port: 2 }\n"],
    ["server:\n  foo:\n  port: 2\n", "server.foo", "server:\n  port: 2\n"],
    [
      "model_aliases: { a: echo/echo, claude-3.7-sonnet: echo/echo }\n",
      "model_aliases.claude-3.7-sonnet",
      "model_aliases: { a: echo/echo }\n",
    ],
  ])("%j without %s", async (text, name, expected) => {
    expect(await afterUnset(text, name)).toBe(expected);
  });

  test("but not what is neither in it nor a key", async () => {
    const file = fileWith("server: { port: 2 }\n");
    expect(await refusalOf(unsetKeys(file, ["server.prot"]))).toStartWith("UsageError: ");
    const absent = join(freshFolder(), "config.yaml");
    expect(await unsetKeys(absent, ["server.port"])).toEqual({ changed: false, previousFile: undefined });
    expect(existsSync(absent)).toBe(false);
  });
});
