import { describe, expect, test } from "bun:test";
import { status } from "@grpc/grpc-js";
import { checkServer } from "../../../src/client/check-server.ts";
import { parseServerUrl } from "../../../src/client/server-url.ts";
import { type Chunk, Refusal, startServer, urlOf } from "./fake-server.ts";
import { resultOf, runCheck } from "./run-check.ts";

const text = (value: string): Chunk => ({ case: "textChunk", value });
const complete: Chunk = { case: "complete", value: { actualModelUsed: "fake/one" } };
const metrics: Chunk = {
  case: "finalMetrics",
  value: { durationMs: 1234n, inputTokens: 3, outputTokens: 5, totalTokens: 8, costUsd: 0.000123, retryCount: 1 },
};
const prompt = { text: "say hello" };

describe("a prompt", () => {
  test("streams its answer piece by piece and ends with metrics", async () => {
    let asked: unknown;
    using server = await startServer({
      *answer({ userFragments, modelName }) {
        asked = { userFragments, modelName };
        yield* [text("hello "), text(""), text("world"), complete, metrics];
      },
    });
    const report = await runCheck(urlOf(server), { prompt: { text: "say hello", model: "one" } });
    expect(asked).toEqual({ userFragments: ["say hello"], modelName: "one" });
    expect(report.pieces).toEqual(["hello ", "world"]);
    const result = resultOf(report, "prompt");
    expect(result.outcome).toBe("ok");
    expect(result.summary).toStartWith("fake/one answered in ");
    expect(result.details).toEqual([
      expect.stringMatching(/^Seen from here: first text after .* end after /),
      "Seen from the server: 1.2 s, retries: 1",
      "Tokens: 3 in, 5 out, 8 together",
      "Cost: $0.000123",
      expect.stringMatching(/^Request id: [0-9a-f-]{36}$/),
    ]);
  });

  test("shows its pieces while the model is still writing", async () => {
    const seen = Promise.withResolvers<void>();
    using server = await startServer({
      async *answer() {
        yield text("first");
        await seen.promise;
        yield* [text("second"), complete, metrics];
      },
    });
    const pieces: string[] = [];
    for await (const event of checkServer(parseServerUrl(urlOf(server)), { prompt })) {
      if (event.kind !== "text") continue;
      pieces.push(event.text);
      seen.resolve();
    }
    expect(pieces).toEqual(["first", "second"]);
  });

  test("shows a model's error with its code, message and details", async () => {
    const value = { errorCode: "PROVIDER_AUTH", errorMessage: "the key is refused", errorDetails: "set another" };
    using server = await startServer({ answer: () => [text("par"), { case: "error", value }] });
    const report = await runCheck(urlOf(server), { prompt });
    expect(report.pieces).toEqual(["par"]);
    expect(resultOf(report, "prompt")).toMatchObject({
      outcome: "failed",
      summary: "the model gave no answer: PROVIDER_AUTH: the key is refused",
    });
    expect(resultOf(report, "prompt").details[0]).toBe("set another");
  });

  test.each<[string, Chunk[], string]>([
    ["text after complete", [complete, text("late"), metrics], "Text follows complete."],
    ["metrics before complete", [text("a"), metrics, complete], "final_metrics comes before complete."],
    ["no metrics", [text("a"), complete], "The stream ended without final_metrics."],
    ["no complete", [text("a"), metrics], "The stream ended without complete."],
    ["silence", [text("a")], "The stream ended without complete."],
    ["a message of no kind", [{ case: undefined }, text("a"), complete, metrics], "neither text, complete"],
  ])("whose stream has %s is out of order", async (_, answer, fault) => {
    using server = await startServer({ answer: () => answer });
    const result = resultOf(await runCheck(urlOf(server), { prompt }), "prompt");
    expect(result).toMatchObject({ outcome: "failed", summary: "the answer's stream is out of order" });
    expect(result.details.join("\n")).toContain(fault);
  });

  test("whose answer is empty is a warning", async () => {
    using server = await startServer({ answer: () => [complete, metrics] });
    expect(resultOf(await runCheck(urlOf(server), { prompt }), "prompt").outcome).toBe("warning");
  });

  test("whose stream ends in a status failed after what came", async () => {
    using server = await startServer({
      *answer() {
        yield text("half");
        throw new Refusal(status.INTERNAL, "out of paper");
      },
    });
    const report = await runCheck(urlOf(server), { prompt });
    expect(report.pieces).toEqual(["half"]);
    expect(resultOf(report, "prompt").summary).toBe("StreamExecute failed: INTERNAL: out of paper");
    expect(resultOf(report, "prompt").details[0]).toBe("The stream broke off after 4 characters.");
  });

  test("whose connection breaks off is no success", async () => {
    const seen = Promise.withResolvers<void>();
    using server = await startServer({
      async *answer(_, running) {
        yield text("half");
        await seen.promise;
        running.forceShutdown();
      },
    });
    const last: string[] = [];
    for await (const event of checkServer(parseServerUrl(urlOf(server)), { prompt })) {
      if (event.kind === "text") seen.resolve();
      else last.push(`${event.step} ${event.outcome}`);
    }
    expect(last.at(-1)).toBe("prompt failed");
  });

  test("that takes too long is given up", async () => {
    const cancelled = Promise.withResolvers<void>();
    using server = await startServer({
      async *answer() {
        yield text("slow");
        await cancelled.promise;
      },
    });
    const result = resultOf(await runCheck(urlOf(server), { prompt, promptTimeoutMs: 50 }), "prompt");
    cancelled.resolve();
    expect(result.outcome).toBe("failed");
    expect(result.summary).toContain("DEADLINE_EXCEEDED");
  });
});

describe("a check that is ended early", () => {
  test("throws the signal's reason", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    using server = await startServer({
      async *answer() {
        controller.abort(reason);
        yield text("never read");
      },
    });
    await expect(runCheck(urlOf(server), { prompt, signal: controller.signal })).rejects.toBe(reason);
    await expect(runCheck(urlOf(server), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
