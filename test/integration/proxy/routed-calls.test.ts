import { beforeEach, describe, expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { CallAbortedError, LimitError, PermissionDeniedError } from "../../../src/errors.ts";
import {
  ExecuteRequestSchema,
  GetServerInfoRequestSchema,
  ModelHealth,
  type StreamChunk,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { SchemaThreads } from "../../../src/proxy/schema-threads.ts";
import { createProxyService, type ProxyOptions } from "../../../src/proxy/service.ts";
import type { UsageRecord } from "../../../src/proxy/usage-record.ts";
import { WorkerPlaces } from "../../../src/proxy/worker-places.ts";
import { accessTo, manyPlaces } from "./model-access.ts";

const names = ["overloaded", "invalid", "cut", "slow", "well", "late"] as const;
const providers = [
  await createProvider({ name: "overloaded", type: "echo", failure: "PROVIDER_OVERLOADED" }),
  await createProvider({ name: "invalid", type: "echo", failure: "INVALID_REQUEST" }),
  await createProvider({ name: "cut", type: "echo", failAfterChunks: 2 }),
  await createProvider({ name: "slow", type: "echo", chunkDelayMs: 60_000 }),
  await createProvider({ name: "well", type: "echo" }),
  await createProvider({ name: "late", type: "echo", delayMs: 60_000 }),
];
const models = accessTo({
  providers,
  routes: Object.fromEntries(
    names.map((name) => [`${name}-safe`, [{ model: `${name}/echo` }, { model: "well/echo" }]]),
  ),
  aliases: { mine: "overloaded/echo" },
  fallbacks: { mine: ["well/echo"] },
});
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const used: UsageRecord[] = [];

type Call = { signal: AbortSignal; deadline: Date | undefined; startedAt: number };
const usual: ProxyOptions<Call> = {
  models,
  schemas: new SchemaThreads(),
  identity: { compatibleVersion: "0.11.6", buildVersion: "1.2.3" },
  log: silent,
  logPrompts: false,
  mayUse: () => true,
  places: manyPlaces(),
  onUsage: (record) => used.push(record),
};
const service = createProxyService(usual);
const words = "one two three four";

beforeEach(() => {
  used.length = 0;
});

const callWith = (signal = new AbortController().signal): Call => ({ signal, deadline: undefined, startedAt: 0 });
const request = (modelName: string) => create(ExecuteRequestSchema, { modelName, userFragments: [words] });

async function collect(modelName: string): Promise<Array<StreamChunk["chunkType"]>> {
  const chunks: StreamChunk[] = await Array.fromAsync(service.streamExecute(request(modelName), callWith()));
  return chunks.map(({ chunkType }) => chunkType);
}

const textOf = (chunks: Array<StreamChunk["chunkType"]>) =>
  chunks.map((chunk) => (chunk.case === "textChunk" ? chunk.value : "")).join("");

test.each(["overloaded-safe", "mine"])("%s is answered by the healthy model, which the answer names", async (name) => {
  const { result } = await service.execute(request(name), callWith());
  expect(result).toMatchObject({
    case: "success",
    value: { responseText: words, actualModelUsed: "well/echo", metrics: { retryCount: 3 } },
  });
  const chunks = await collect(name);
  expect(textOf(chunks)).toBe(words);
  expect(chunks.at(-2)).toMatchObject({ case: "complete", value: { actualModelUsed: "well/echo" } });
  expect(chunks.at(-1)).toMatchObject({ case: "finalMetrics", value: { retryCount: 3 } });
});

test("a request that is at fault itself is asked once, and answered with its error", async () => {
  const { result } = await service.execute(request("invalid-safe"), callWith());
  expect(result).toMatchObject({ case: "error", value: { errorCode: "INVALID_REQUEST" } });
  expect(await collect("invalid-safe")).toMatchObject([{ case: "error", value: { errorCode: "INVALID_REQUEST" } }]);
});

test("a stream that breaks off after text ends with the error: it is not begun anew", async () => {
  const chunks = await collect("cut-safe");
  expect(textOf(chunks)).toBe("one two ");
  expect(chunks.map((chunk) => chunk.case)).toEqual(["textChunk", "textChunk", "error"]);
  expect(chunks.at(-1)).toMatchObject({ value: { errorCode: "STREAM_TRUNCATED" } });
});

test("a stream that its reader leaves is over for the model, too", async () => {
  const stream = service.streamExecute(request("well/echo"), callWith());
  await stream.next();
  await stream.return(undefined);
  expect(used.map(({ outcome }) => outcome)).not.toContain("OK");
});

describe("a token that may use", () => {
  const limited = (allowed: string) => createProxyService({ ...usual, mayUse: (_call, all) => all.includes(allowed) });

  test("a route may use every model of it", async () => {
    const { result } = await limited("overloaded-safe").execute(request("overloaded-safe"), callWith());
    expect(result).toMatchObject({ case: "success", value: { actualModelUsed: "well/echo" } });
  });

  test("an alias does not get at its fallback by it", async () => {
    const { result } = await limited("mine").execute(request("mine"), callWith());
    expect(result).toMatchObject({ case: "error", value: { errorCode: "PROVIDER_OVERLOADED" } });
  });

  test("a fallback alone does not get it by asking for what it may not use", async () => {
    await expect(limited("well/echo").execute(request("mine"), callWith())).rejects.toThrow(PermissionDeniedError);
  });
});

describe("with one place,", () => {
  const places = new WorkerPlaces({ running: 1, waiting: 1 }, () => performance.now());
  const narrow = createProxyService({ ...usual, places });

  test("a call waits for it until it is aborted, and one more is refused", async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const holding = narrow.streamExecute(request("slow/echo"), callWith(first.signal));
    await holding.next();
    const waiting = narrow.execute(request("well/echo"), callWith(second.signal)).catch((error: unknown) => error);
    while (places.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    await expect(narrow.execute(request("well/echo"), callWith())).rejects.toThrow(LimitError);
    const reason = new CallAbortedError("deadline");
    second.abort(reason);
    expect(await waiting).toBe(reason);
    const next = narrow.execute(request("well/echo"), callWith());
    const left = new CallAbortedError("client");
    first.abort(left);
    await expect(holding.next()).rejects.toBe(left);
    expect((await next).result.case).toBe("success");
    expect([places.running, places.waiting]).toEqual([0, 0]);
  });

  test("a call that fails or is refused gives it back", async () => {
    for (const name of ["overloaded/echo", "invalid/echo", "nothing/of-that-name"]) {
      expect((await narrow.execute(request(name), callWith())).result.case).toBe("error");
    }
    const [chunk] = await Array.fromAsync(narrow.streamExecute(request("overloaded/echo"), callWith()));
    expect(chunk?.chunkType.case).toBe("error");
    expect(places.running).toBe(0);
  });
});

test("what every attempt has used is told, and a complete answer's once", async () => {
  await service.execute(request("well/echo"), callWith());
  await collect("well/echo");
  const record = { model: "well/echo", outcome: "OK", usage: { inputTokens: 4, outputTokens: 4 } };
  expect(used).toMatchObject([record, record]);
});

test("clients are told how the models are doing", async () => {
  const frail = createProxyService({ ...usual, models: accessTo({ providers, failures: 1 }) });
  await frail.execute(request("overloaded/echo"), callWith());
  const { availableModels } = await frail.getServerInfo(create(GetServerInfoRequestSchema), callWith());
  const health = Object.fromEntries(availableModels.map((model) => [model.modelId, model.health]));
  expect(health).toMatchObject({
    "overloaded/echo": ModelHealth.UNAVAILABLE,
    "well/echo": ModelHealth.AVAILABLE,
  });
});

test("what a structured answer has used is told where judging it is cut short", async () => {
  const caller = new AbortController();
  const reason = new CallAbortedError("client");
  const schemas = new SchemaThreads();
  const measure = schemas.measure.bind(schemas);
  schemas.measure = (schema, text, signal) => {
    if (text !== undefined) caller.abort(reason);
    return measure(schema, text, signal);
  };
  const asked = create(ExecuteRequestSchema, {
    modelName: "well/echo",
    userFragments: [words],
    responseModelSchema: '{"type": "object"}',
  });
  const impatient = createProxyService({ ...usual, schemas });
  await expect(impatient.execute(asked, callWith(caller.signal))).rejects.toBe(reason);
  expect(used).toMatchObject([{ model: "well/echo", outcome: "CANCELLED", usage: { inputTokens: 4 } }]);
});

test("a call that waits for a place asks the models that it began with", async () => {
  const places = new WorkerPlaces({ running: 1, waiting: 1 }, () => performance.now());
  const others = accessTo({ providers: [] });
  let current = models;
  const changing = createProxyService({
    ...usual,
    places,
    get models() {
      return current;
    },
  });
  const leave = await places.take(new AbortController().signal);
  const waiting = changing.execute(request("well/echo"), callWith());
  while (places.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  current = others;
  leave();
  expect((await waiting).result).toMatchObject({ case: "success", value: { actualModelUsed: "well/echo" } });
});
