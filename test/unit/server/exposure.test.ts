import { describe, expect, test } from "bun:test";
import { configurationSchema } from "../../../src/config/schema.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { exposureWarnings, isLoopback, requireConsent } from "../../../src/server/exposure.ts";

/** A configuration of which everything that is given was said by somebody. */
function loadedWith(settings: { server?: Record<string, unknown>; tls?: Record<string, unknown> }) {
  const configuration = configurationSchema.parse(settings);
  const said = new Set(Object.keys(settings.server ?? {}).map((key) => `server.${key}`));
  return { configuration, originOf: (path: readonly string[]) => (said.has(path.join(".")) ? "--flag" : "default") };
}

function refusalOf(settings: Parameters<typeof loadedWith>[0]): string | undefined {
  try {
    requireConsent(loadedWith(settings));
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return `${error.message} | ${error.hint}`;
  }
}

test.each(["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1"])(
  "%s is this machine alone",
  (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(refusalOf({ server: { host } })).toBeUndefined();
  },
);

describe("where other machines reach the server", () => {
  test.each(["0.0.0.0", "::", "192.168.1.5", "llm.example.org", "127.0.0.1.example.org", "1270.0.0.1"])(
    "on %s it needs TLS and tokens",
    (host) => {
      const refusal = refusalOf({ server: { host } });
      expect(refusal).toContain(`${host} can be reached from other machines`);
      expect(refusal).toContain("--generate-certs --require-auth");
      expect(refusal).toContain("--no-tls --no-auth");
    },
  );

  const host = "0.0.0.0";
  test.each([
    ["both are on", { server: { host, use_tls: true, require_auth: true } }],
    ["both were said to be off", { server: { host, use_tls: false, require_auth: false } }],
    ["TLS is on, and tokens were said to be off", { server: { host, use_tls: true, require_auth: false } }],
    [
      "every client has to show a certificate",
      { server: { host, use_tls: true }, tls: { client_ca_file: "/etc/clients.crt" } },
    ],
  ])("it starts when %s", (_what, settings) => {
    expect(refusalOf(settings)).toBeUndefined();
  });

  test.each([
    ["TLS", { server: { host, require_auth: true } }, "--generate-certs", "--require-auth"],
    ["tokens", { server: { host, use_tls: true } }, "--require-auth", "--generate-certs"],
    [
      "tokens, as clients may do without a certificate",
      { server: { host, use_tls: true }, tls: { client_ca_file: "/etc/clients.crt", client_auth: "request" } },
      "--require-auth",
      "--generate-certs",
    ],
  ])("it lacks %s, and is told only of that", (_what, settings, named, other) => {
    const refusal = refusalOf(settings);
    expect(refusal).toContain(named);
    expect(refusal).not.toContain(other);
  });

  test("it warns at every start of what was accepted", () => {
    expect(exposureWarnings(loadedWith({ server: { host, use_tls: false, require_auth: false } }))).toHaveLength(2);
    expect(exposureWarnings(loadedWith({ server: { host, use_tls: true, require_auth: true } }))).toEqual([]);
    expect(exposureWarnings(loadedWith({}))).toEqual([]);
  });
});
