import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { type LoadedConfiguration, loadConfiguration } from "../../../src/config/load.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import type { Configuration } from "../../../src/config/schema.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const fixtures = join(import.meta.dir, "..", "..", "fixtures", "python-server");
const folder = temporaryFolder();

/** Loads a copy, which only its owner can read, of a file that the Python server wrote. */
async function load(name: string): Promise<LoadedConfiguration> {
  const file = join(folder, `${name}.yaml`);
  copyFileSync(join(fixtures, `${name}.yaml`), file);
  chmodSync(file, 0o600);
  return await loadConfiguration({ environment: {}, paths: resolvePaths({ HOME: folder }), file });
}

const old = (place: string, name: string, current: string) =>
  `FILE:${place}: ${name} is the old spelling of ${current}`;

/** The files, what of them differs from the defaults, and what the operator is told. */
const files: ReadonlyArray<readonly [name: string, differences: Record<string, unknown>, warnings: readonly string[]]> =
  [
    [
      "default",
      { server: { host: "0.0.0.0", max_workers: 10 } },
      [old("13:3", "jwt.enabled", "server.require_auth"), old("31:3", "tls.enabled", "server.use_tls")],
    ],
    [
      "secure",
      {
        server: {
          host: "0.0.0.0",
          max_workers: 10,
          default_model: "anthropic/claude-3-7-sonnet-latest",
          require_auth: true,
          use_tls: true,
          cert_file: "/etc/vibectl/server.crt",
          key_file: "/etc/vibectl/server.key",
        },
        jwt: { secret_key_file: "/etc/vibectl/jwt-secret" },
      },
      [
        old("13:3", "jwt.enabled", "server.require_auth"),
        old("33:3", "tls.cert_file", "server.cert_file"),
        old("34:3", "tls.enabled", "server.use_tls"),
        old("40:3", "tls.key_file", "server.key_file"),
      ],
    ],
    [
      "limits",
      {
        server: {
          host: "0.0.0.0",
          max_workers: 10,
          default_model: "anthropic/claude-3-7-sonnet-latest",
          limits: {
            global: {
              max_requests_per_minute: 120,
              max_concurrent_requests: 10,
              max_input_length: 32000,
              request_timeout_seconds: 60,
            },
            per_token: {
              "alice@example.com": { max_concurrent_requests: 2 },
              "ci-bot": { max_requests_per_minute: 20 },
            },
          },
        },
      },
      [
        old("13:3", "jwt.enabled", "server.require_auth"),
        "FILE:24:7: server.limits.global.max_input_length is a number in quotes: remove them",
        old("39:3", "tls.enabled", "server.use_tls"),
      ],
    ],
    [
      "jwt-spelling",
      {
        server: { port: 50052, default_model: "claude-3.7-sonnet", require_auth: true },
        jwt: { secret_key: "not-a-real-secret-but-long-enough-0123456789", expiration_days: 7 },
      },
      [old("3:3", "jwt.enabled", "server.require_auth")],
    ],
    [
      "tls-spelling",
      {
        server: {
          use_tls: true,
          cert_file: "/etc/vibectl/server.crt",
          key_file: "/etc/vibectl/server.key",
          log_level: "debug",
        },
        tls: { ca_bundle_file: "/etc/vibectl/ca-bundle.crt" },
      },
      [
        "FILE:1:1: acme has no effect in this server",
        old("15:3", "tls.cert_file", "server.cert_file"),
        old("16:3", "tls.enabled", "server.use_tls"),
        "FILE:17:3: tls.hsts has no effect in this server",
        old("20:3", "tls.key_file", "server.key_file"),
      ],
    ],
  ];

describe("a file that the Python server wrote gives the configuration that it meant, and names what is old:", () => {
  test.each(files)("%s", async (name, differences, warnings) => {
    const defaults = await loadConfiguration({
      environment: {},
      paths: resolvePaths({ HOME: join(folder, "nobody") }),
    });
    const { configuration, warnings: told, file = "" } = await load(name);
    const expected: Partial<Configuration> = {
      ...defaults.configuration,
      server: { ...defaults.configuration.server, ...(differences.server as Partial<Configuration["server"]>) },
      jwt: { ...defaults.configuration.jwt, ...(differences.jwt as Partial<Configuration["jwt"]>) },
      tls: { ...defaults.configuration.tls, ...(differences.tls as Partial<Configuration["tls"]>) },
    };
    expect(configuration).toEqual(expected as Configuration);
    expect(told.map((warning) => warning.replaceAll(file, "FILE"))).toEqual([...warnings]);
  });

  test("with the places of old keys as the origins of the new", async () => {
    const { originOf, file } = await load("secure");
    expect(originOf(["server", "use_tls"])).toBe(`${file}:34:3 (tls.enabled)`);
    expect(originOf(["server", "require_auth"])).toBe(`${file}:13:3 (jwt.enabled)`);
    expect(originOf(["server", "host"])).toBe(`${file}:20:3`);
  });
});
