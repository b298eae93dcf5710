import { describe, expect, test } from "bun:test";
import { reportStart } from "../../../src/cli/start-report.ts";
import type { ServerSummary } from "../../../src/server/start.ts";

const models = {
  defaultModel: "anthropic/claude-sonnet-4-5",
  keySource: "ANTHROPIC_API_KEY",
  count: 24,
  echo: undefined,
};
const plain: ServerSummary = {
  host: "127.0.0.1",
  port: 50051,
  tls: undefined,
  tlsOrigin: "default",
  tokenSource: undefined,
  models,
  file: undefined,
  warnings: [],
};
const tls = {
  sourceName: "development certificate",
  hosts: ["localhost", "127.0.0.1"],
  notAfter: new Date("2026-12-31T00:00:00Z"),
  bundleFile: "/my certs/ca-bundle.crt",
  bundle: undefined,
  outcome: "issued",
  issuedHere: true,
  clients: undefined,
} as const;
const tokenSource = "secret from VIBECTL_JWT_SECRET";

const report = (summary: Partial<ServerSummary>) =>
  reportStart({ ...plain, ...summary }, "vibectl-server", "1.2.3", false);

test("it tells the address, what protects it, the default model and where its key is from", () => {
  expect(report({}).split("\n").slice(0, 4)).toEqual([
    "vibectl-server 1.2.3 listens on 127.0.0.1:50051",
    "  TLS     off by default (--tls or --generate-certs turns it on)",
    "  Auth    off (--require-auth turns it on)",
    "  Models  24 on offer, default anthropic/claude-sonnet-4-5, key from ANTHROPIC_API_KEY",
  ]);
});

describe("the mode of TLS", () => {
  test("is told with what decided it, the certificate's source, its names and its end", () => {
    const lines = report({ tls, tlsOrigin: "--generate-certs" }).split("\n");
    expect(lines.slice(1, 4)).toEqual([
      "  TLS     on by --generate-certs: development certificate, issued just now",
      "          for localhost, 127.0.0.1 until 2026-12-31, renews itself",
      "  Trust   /my certs/ca-bundle.crt (what clients need)",
    ]);
    expect(report({ tlsOrigin: "/etc/vibectl.yaml:3:5" })).toContain("off by /etc/vibectl.yaml:3:5");
  });

  test("names whose clients are known by certificates", () => {
    const clients = { caFile: "/ca.crt", crlFile: "/crl.pem", required: true };
    expect(report({ tls: { ...tls, clients } }).split("\n")).toContain(
      "  Clients must show a certificate of a CA in /ca.crt, not revoked in /crl.pem",
    );
    expect(report({ tls: { ...tls, clients: { ...clients, crlFile: undefined, required: false } } })).toContain(
      "  Clients may show a certificate of a CA in /ca.crt\n",
    );
  });

  test("says that vibectl has no certificate to show, and no command that can't work, where one is required", () => {
    const clients = { caFile: "/ca.crt", crlFile: undefined };
    const strict = report({ tls: { ...tls, clients: { ...clients, required: true } } });
    expect(strict).toContain("--client-auth request");
    expect(strict).toContain(" --client-cert CLIENT.crt --client-key CLIENT.key");
    expect(strict).not.toContain("setup-proxy");
    const lenient = report({ tls: { ...tls, clients: { ...clients, required: false } } });
    expect(lenient).toContain("setup-proxy configure");
    expect(lenient).not.toContain("--client-auth");
    expect(lenient).not.toContain("--client-cert");
  });

  test("prints the bundle of a CA in memory after all else", () => {
    const text = report({ tls: { ...tls, bundleFile: undefined, bundle: "-----BEGIN CERTIFICATE-----\n" } });
    expect(text).toContain("  Trust   the certificate below (what clients need)");
    expect(text).toContain("--ca-bundle ca-bundle.crt");
    expect(text).toEndWith("\n\n-----BEGIN CERTIFICATE-----\n");
  });
});

describe("the commands to paste", () => {
  test.each([
    ["127.0.0.1", "localhost"],
    ["0.0.0.0", "localhost"],
    ["[::]", "localhost"],
    ["[::1]", "[::1]"],
    ["llm.example.org", "llm.example.org"],
  ])("for a server on %s name %s", (host, shown) => {
    expect(report({ host })).toContain(`check vibectl-server-insecure://${shown}:50051 --prompt hello`);
  });

  test("trust what is to be trusted, quoted for a shell", () => {
    expect(report({ tls })).toContain("vibectl-server://localhost:50051 --ca-bundle '/my certs/ca-bundle.crt'");
  });

  test("dial a name that the certificate covers", () => {
    const text = report({ host: "0.0.0.0", tls: { ...tls, hosts: ["*.example.org", "llm.example.org"] } });
    expect(text).toContain("check vibectl-server://llm.example.org:50051");
  });

  test("make a token that this server accepts: with its configuration file", () => {
    const text = report({ tokenSource, file: "/etc/vibectl/config.yaml" });
    expect(text).toContain("generate-token alice --output alice.jwt --config /etc/vibectl/config.yaml");
    expect(text).toContain("--jwt-path alice.jwt");
    expect(text).toContain("  Config  /etc/vibectl/config.yaml");
  });

  test("ask for no answer where no model is on offer", () => {
    const text = report({ models: { ...models, count: 0, defaultModel: undefined, keySource: undefined } });
    expect(text).toContain("0 on offer, default none");
    expect(text).not.toContain("--prompt");
  });
});

test("echo is named as what it is", () => {
  const echo = { ...models, defaultModel: "echo/echo", keySource: undefined, echo: "no provider has a key" };
  expect(report({ models: echo })).toContain("default echo/echo, built in: no provider has a key");
});
