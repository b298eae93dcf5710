import { describe, expect, test } from "bun:test";
import { status } from "@grpc/grpc-js";
import type { Token } from "../../../src/client/token.ts";
import { oneModel, Refusal, startServer, urlOf } from "./fake-server.ts";
import { outcomes, resultOf, runCheck } from "./run-check.ts";

const now = new Date("2026-06-01T12:00:00Z");
const clock = { now: () => now };

function tokenWith(claims: Record<string, unknown>): Token {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return { value: `${encode({ alg: "HS256" })}.${encode(claims)}.c2lnbmF0dXJl`, source: "the URL" };
}

const inDays = (days: number) => now.getTime() / 1000 + days * 86_400;
const good = tokenWith({ sub: "alice", iss: "vibectl-server", exp: inDays(10) });

const prompt = { text: "say hello" };

describe("a server in good order", () => {
  test("passes every step", async () => {
    using server = await startServer();
    const report = await runCheck(urlOf(server));
    expect(outcomes(report)).toEqual([
      "name ok",
      "tcp ok",
      "tls ok",
      "authentication ok",
      "server-info ok",
      "models ok",
    ]);
    expect(resultOf(report, "authentication").summary).toBe("the server asks for no token");
    expect(resultOf(report, "server-info").summary).toBe("vibectl-llm-proxy 1.2.3, for vibectl 0.11.6");
    expect(resultOf(report, "models")).toMatchObject({ summary: "1 model" });
    expect(resultOf(report, "models").details[0]).toBe("fake/one (One; also one)");
  });

  test("is found by its name", async () => {
    using server = await startServer();
    const report = await runCheck(`vibectl-server-insecure://localhost:${server.port}`);
    expect(resultOf(report, "name").outcome).toBe("ok");
    expect(resultOf(report, "models").outcome).toBe("ok");
  });

  test("tells its limits and its default model", async () => {
    const limits = { maxRequestsPerMinute: 120, maxInputLength: 32_000 };
    using server = await startServer({ info: () => ({ ...oneModel, limits }) });
    expect(resultOf(await runCheck(urlOf(server)), "server-info").details).toEqual([
      "Default model: fake/one",
      "Limits: 120 requests a minute, 32000 characters a request",
    ]);
  });
});

describe("the models", () => {
  test("are missing: that is a failure", async () => {
    using server = await startServer({ info: () => ({ ...oneModel, availableModels: [] }) });
    const result = resultOf(await runCheck(urlOf(server), { prompt }), "models");
    expect(result).toMatchObject({ outcome: "failed", summary: "the server offers no model" });
    expect(result.hint).toContain("--model echo");
  });

  test("lack the default: that is a warning", async () => {
    using server = await startServer({ info: () => ({ ...oneModel, defaultModel: "fake/two" }) });
    const result = resultOf(await runCheck(urlOf(server)), "models");
    expect(result.outcome).toBe("warning");
    expect(result.summary).toContain("fake/two is not among them");
  });

  test("can have the default under another name, and the one that vibectl asks for", async () => {
    const modelAliases = { usual: "fake/one", "claude-3.7-sonnet": "fake/one" };
    using server = await startServer({ info: () => ({ ...oneModel, defaultModel: "usual", modelAliases }) });
    const result = resultOf(await runCheck(urlOf(server)), "models");
    expect(result.outcome).toBe("ok");
    expect(result.details).toContain("claude-3.7-sonnet, which vibectl asks for unless told otherwise: fake/one");
  });

  test("that do not answer at the moment are named, with a warning", async () => {
    const availableModels = [
      ...oneModel.availableModels,
      { modelId: "fake/ill", health: 3 },
      { modelId: "fake/better", health: 2 },
    ];
    using server = await startServer({ info: () => ({ ...oneModel, availableModels }) });
    const result = resultOf(await runCheck(urlOf(server)), "models");
    expect(result.outcome).toBe("warning");
    expect(result.summary).toBe("3 models: fake/ill, fake/better do not answer at the moment");
    expect(result.details).toContain("fake/ill (unavailable)");
  });

  test("can't write to the terminal's controls", async () => {
    const availableModels = [{ modelId: "fake/\u001b[31mred\u202e" }];
    using server = await startServer({ info: () => ({ availableModels }) });
    expect(resultOf(await runCheck(urlOf(server)), "models").details[0]).toBe("fake/[31mred");
  });
});

describe("a token", () => {
  test("is accepted, and what it says is told", async () => {
    using server = await startServer({ token: good.value });
    const report = await runCheck(urlOf(server), { token: good, ...clock });
    expect(resultOf(report, "authentication")).toMatchObject({
      outcome: "ok",
      summary: "the server accepts the token",
      details: [
        "Token from the URL: it expires in 10 days, on 2026-06-11 12:00 UTC",
        "Subject alice, issuer vibectl-server",
      ],
    });
    expect(JSON.stringify(report)).not.toContain(good.value);
  });

  test("is asked for and missing: the later steps are skipped", async () => {
    using server = await startServer({ token: good.value });
    const report = await runCheck(urlOf(server), { prompt });
    expect(outcomes(report).slice(3)).toEqual([
      "authentication failed",
      "server-info skipped",
      "models skipped",
      "prompt skipped",
    ]);
    expect(resultOf(report, "authentication").summary).toBe("the server asks for a token, and there is none");
    expect(resultOf(report, "authentication").hint).toContain("generate-token");
    expect(resultOf(report, "prompt").summary).toBe("not tried, since authentication failed");
  });

  test.each([
    ["expired", tokenWith({ exp: inDays(-3) }), "the token expired 3 days ago, on 2026-05-29 12:00 UTC"],
    ["not yet valid", tokenWith({ nbf: inDays(1) }), "the token is valid only from 2026-06-02 12:00 UTC"],
    ["no JWT", { value: "opaque-secret", source: "VIBECTL_JWT_TOKEN" }, "the token from VIBECTL_JWT_TOKEN is no JWT"],
    ["made with another secret", tokenWith({ exp: inDays(1), iss: "other" }), "the server refuses the token"],
  ])("that is %s is refused for that reason", async (_, token, summary) => {
    using server = await startServer({ token: good.value });
    const result = resultOf(await runCheck(urlOf(server), { token, ...clock }), "authentication");
    expect(result).toMatchObject({ outcome: "failed", summary });
    expect(JSON.stringify(result)).not.toContain(token.value);
  });

  test("that has expired and is accepted shows a server that checks none", async () => {
    using server = await startServer();
    const token = tokenWith({ exp: inDays(-3) });
    const result = resultOf(await runCheck(urlOf(server), { token, ...clock }), "authentication");
    expect(result.outcome).toBe("warning");
    expect(result.summary).toContain("it seems to check no tokens");
  });

  test("may be known and not allowed", async () => {
    const info = () => {
      throw new Refusal(status.PERMISSION_DENIED, "the token may not list models");
    };
    using server = await startServer({ info });
    const result = resultOf(await runCheck(urlOf(server), { token: good, ...clock }), "authentication");
    expect(result.outcome).toBe("failed");
    expect(result.summary).toContain("may not ask");
    expect(result.details[0]).toBe("The server said: the token may not list models");
  });
});

describe("a first call that fails for another reason", () => {
  test("leaves authentication open and fails the server info", async () => {
    const info = () => {
      throw new Refusal(status.RESOURCE_EXHAUSTED, "too many", { "limit-type": "rpm", "retry-after-ms": "2500" });
    };
    using server = await startServer({ info });
    const report = await runCheck(urlOf(server));
    expect(outcomes(report).slice(3)).toEqual(["authentication skipped", "server-info failed", "models skipped"]);
    expect(resultOf(report, "server-info")).toMatchObject({
      summary: "GetServerInfo failed: RESOURCE_EXHAUSTED: too many",
      hint: 'The limit "rpm" is used up: try again in 2.5 s.',
    });
  });
});
