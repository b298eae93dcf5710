import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { CallAbortedError, PermissionDeniedError } from "../../../src/errors.ts";
import {
  type ExecuteError,
  ExecuteRequestSchema,
  type ExecuteSuccess,
  GetServerInfoRequestSchema,
  type StreamChunk,
} from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { SchemaThreads } from "../../../src/proxy/schema-threads.ts";
import { createProxyService } from "../../../src/proxy/service.ts";
import type { UsageRecord } from "../../../src/proxy/usage-record.ts";
import { accessTo, manyPlaces } from "./model-access.ts";
import { startUpstream } from "./upstream.ts";

const upstream = startUpstream();
afterAll(() => upstream.stop());

const records: unknown[] = [];
const infos: object[] = [];
const log = {
  info: (fields: object, message: string) => void infos.push({ message, ...fields }),
  warn: (fields: object) => void records.push(fields),
  error: (fields: object) => void records.push(fields),
};
const key = "sk-canary-0123456789abcdef";
const models = accessTo({
  providers: [
    await createProvider({
      name: "local",
      type: "openai-compatible",
      baseUrl: upstream.baseUrl,
      key,
      models: ["tiny"],
    }),
    await createProvider({ name: "echo", type: "echo" }),
  ],
  aliases: { fast: "local/tiny" },
  defaultModel: "fast",
  // The tests of the provider's errors count what it was asked.
  retries: { maxRetries: 0 },
});
const schemas = new SchemaThreads();
const identity = { compatibleVersion: "0.11.6", buildVersion: "1.2.3" };
const used: UsageRecord[] = [];
const onUsage = (record: UsageRecord) => void used.push(record);
const usual = { mayUse: () => true, logPrompts: false, places: manyPlaces(), onUsage };
const service = createProxyService({ models, schemas, identity, log, ...usual });

beforeEach(() => {
  upstream.answers.length = 0;
  upstream.received.length = 0;
  records.length = 0;
  used.length = 0;
});

type Init = MessageInitShape<typeof ExecuteRequestSchema>;
const call = (signal = new AbortController().signal) => ({ signal, deadline: undefined, startedAt: performance.now() });
const request = (init: Init) => create(ExecuteRequestSchema, { requestId: "r-1", userFragments: ["hello"], ...init });

async function succeed(init: Init): Promise<ExecuteSuccess> {
  const { result, requestId } = await service.execute(request(init), call());
  expect(requestId).toBe("r-1");
  if (result.case !== "success") throw new Error(`it failed: ${result.value?.errorMessage}`);
  return result.value;
}

async function fail(init: Init): Promise<ExecuteError> {
  const { result } = await service.execute(request(init), call());
  if (result.case !== "error") throw new Error("it succeeded");
  return result.value;
}

async function collect(init: Init): Promise<Array<StreamChunk["chunkType"]>> {
  const chunks: StreamChunk[] = [];
  for await (const chunk of service.streamExecute(request(init), call())) chunks.push(chunk);
  expect(new Set(chunks.map(({ requestId }) => requestId))).toEqual(new Set(["r-1"]));
  return chunks.map(({ chunkType }) => chunkType);
}

const casesOf = (chunks: Array<StreamChunk["chunkType"]>) => chunks.map((chunk) => chunk.case);
const textOf = (chunks: Array<StreamChunk["chunkType"]>) =>
  chunks.map((chunk) => (chunk.case === "textChunk" ? chunk.value : "")).join("");

describe("an answer", () => {
  test("comes with the model that gave it and what it took", async () => {
    upstream.answers.push("hi there");
    const { responseText, actualModelUsed, metrics } = await succeed({});
    expect(responseText).toBe("hi there");
    expect(actualModelUsed).toBe("local/tiny");
    expect(metrics).toMatchObject({ inputTokens: 7, outputTokens: 3, totalTokens: 10, retryCount: 0 });
    expect(metrics?.durationMs).toBeGreaterThanOrEqual(0n);
    expect(Number(metrics?.timestamp)).toBeCloseTo(Date.now() / 1000, -1);
  });

  test("to fragments reaches the provider with system and user in their own roles", async () => {
    upstream.answers.push("ok");
    await succeed({ systemFragments: ["be brief", "be kind"], userFragments: ["list", "pods"] });
    expect(upstream.received[0]?.body.messages).toEqual([
      { role: "system", content: "be brief\n\nbe kind" },
      { role: "user", content: "list\n\npods" },
    ]);
  });

  test("in a stream is text, then complete, then metrics", async () => {
    upstream.answers.push("one two three");
    const chunks = await collect({ modelName: "local:tiny" });
    expect(casesOf(chunks)).toEqual(["textChunk", "textChunk", "textChunk", "complete", "finalMetrics"]);
    expect(textOf(chunks)).toBe("one two three");
    expect(chunks.at(-2)?.value).toMatchObject({ actualModelUsed: "local/tiny" });
    expect(chunks.at(-1)?.value).toMatchObject({ inputTokens: 7, outputTokens: 3, retryCount: 0 });
  });

  test("of more than a message may hold is an error, and a stream when it is streamed", async () => {
    const long = `${"x".repeat(1000)} `.repeat(5000);
    const { errorCode } = await fail({ modelName: "echo", userFragments: [long] });
    expect(errorCode).toBe("RESPONSE_TOO_LARGE");
    expect(textOf(await collect({ modelName: "echo", userFragments: [long] }))).toBe(long);
  });
});

describe("an error", () => {
  test.each([
    [{ modelName: "none" }, "MODEL_NOT_FOUND"],
    [{ userFragments: [] }, "INVALID_REQUEST"],
    [{ userFragments: [" ", "\n"] }, "INVALID_REQUEST"],
    [{ responseModelSchema: "" }, "INVALID_REQUEST"],
    [{ responseModelSchema: "{]" }, "INVALID_REQUEST"],
    [{ responseModelSchema: '{"type": 5}' }, "INVALID_REQUEST"],
  ])("for %j is %s, whole and streamed, and nobody is asked", async (init, code) => {
    const error = await fail(init);
    expect(error.errorCode).toBe(code);
    expect(error.errorDetails).toBeString();
    expect(await collect(init)).toMatchObject([{ case: "error", value: { errorCode: code } }]);
    expect(upstream.received).toEqual([]);
  });

  test("without any default is NO_MODEL", async () => {
    const nothing = accessTo({ providers: [] });
    const bare = createProxyService({ models: nothing, schemas, identity, log, ...usual });
    const { result } = await bare.execute(request({}), call());
    expect(result.value).toMatchObject({ errorCode: "NO_MODEL" });
  });

  test("of the provider reaches the caller and the log without its key", async () => {
    const refusal = () => Response.json({ error: { message: `Incorrect API key provided: ${key}` } }, { status: 401 });
    upstream.answers.push(refusal(), refusal());
    const error = await fail({});
    expect(error.errorCode).toBe("PROVIDER_AUTH");
    const chunks = await collect({});
    expect(chunks).toMatchObject([{ case: "error", value: { errorCode: "PROVIDER_AUTH" } }]);
    expect(records).toHaveLength(2);
    expect(Bun.inspect([error, chunks, records], { depth: 10 })).not.toContain("canary");
  });

  test("is what an answer that stopped at its limit is, after its text", async () => {
    upstream.answers.push({ text: "half an", finish: "length" }, { text: "half an", finish: "length" });
    expect((await fail({})).errorCode).toBe("OUTPUT_TRUNCATED");
    const chunks = await collect({});
    expect(textOf(chunks)).toBe("half an");
    expect(chunks.at(-1)).toMatchObject({ case: "error", value: { errorCode: "OUTPUT_TRUNCATED" } });
  });

  test("that nobody foresaw tells the caller where to look, and the log what it was", async () => {
    const broken = accessTo({ providers: [], defaultModel: "a" });
    broken.directory.plan = () => Promise.reject(new TypeError("secret detail"));
    const { result } = await createProxyService({
      models: broken,
      schemas,
      identity,
      log,
      ...usual,
    }).execute(request({}), call());
    expect(result.value).toMatchObject({ errorCode: "EXECUTION_FAILED", errorDetails: expect.stringContaining("r-1") });
    expect(Bun.inspect(result)).not.toContain("secret detail");
    expect(Bun.inspect(records)).toContain("secret detail");
  });
});

test("a request id that is too long is refused, and not repeated", async () => {
  const requestId = "x".repeat(257);
  const response = await service.execute(request({ requestId }), call());
  expect(response.result.value).toMatchObject({ errorCode: "INVALID_REQUEST" });
  expect(response.requestId).toHaveLength(36);
  expect(JSON.stringify(records)).not.toContain("xxx");
});

describe("with a schema", () => {
  const responseModelSchema = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}';

  test("the answer is the document alone, without the fence around it", async () => {
    upstream.answers.push('```json\n{"n": 1}\n```');
    const { responseText, metrics } = await succeed({ responseModelSchema });
    expect(responseText).toBe('{"n": 1}');
    expect(metrics?.retryCount).toBe(0);
  });

  test("an answer that does not satisfy it is sent back once, with what is wrong, and both tries are counted", async () => {
    upstream.answers.push('{"n": "one"}', '{"n": 1}');
    const { responseText, metrics } = await succeed({ responseModelSchema });
    expect(responseText).toBe('{"n": 1}');
    expect(metrics).toMatchObject({ retryCount: 1, inputTokens: 14, outputTokens: 6 });
    const roles = upstream.received[1]?.body.messages.map(({ role }) => role);
    expect(roles).toEqual(["system", "user", "assistant", "user"]);
    expect(JSON.stringify(upstream.received[1]?.body.messages.at(-1))).toContain("/n");
  });

  test("two answers that do not satisfy it are an error", async () => {
    upstream.answers.push("sure!", "no");
    expect((await fail({ responseModelSchema })).errorCode).toBe("INVALID_STRUCTURED_OUTPUT");
    expect(upstream.received).toHaveLength(2);
  });

  test("a stream sends nothing that was not checked", async () => {
    upstream.answers.push("sure!", '{"n": 2}');
    const chunks = await collect({ responseModelSchema });
    expect(textOf(chunks)).toBe('{"n": 2}');
    expect(chunks.at(-1)).toMatchObject({ case: "finalMetrics", value: { retryCount: 1 } });
    upstream.answers.push("sure!", "no");
    expect(await collect({ responseModelSchema })).toMatchObject([
      { case: "error", value: { errorCode: "INVALID_STRUCTURED_OUTPUT" } },
    ]);
  });

  test("a document that was cut off at the model's limit is not tried again", async () => {
    upstream.answers.push({ text: '{"n": ', finish: "length" });
    expect((await fail({ responseModelSchema })).errorCode).toBe("OUTPUT_TRUNCATED");
    expect(upstream.received).toHaveLength(1);
  });

  test("echo gives a document that satisfies it", async () => {
    const { responseText } = await succeed({ modelName: "echo", responseModelSchema });
    expect(JSON.parse(responseText)).toEqual({ n: expect.any(Number) });
  });
});

describe("a call that was aborted", () => {
  test("ends with the reason, not with an error in the answer", async () => {
    const controller = new AbortController();
    controller.abort(new CallAbortedError("client"));
    await expect(service.execute(request({}), call(controller.signal))).rejects.toThrow(CallAbortedError);
    const stream = service.streamExecute(request({}), call(controller.signal));
    await expect(stream.next()).rejects.toThrow(CallAbortedError);
    expect(records).toEqual([]);
  });
});

test("the server tells its models, their names and its versions", async () => {
  const info = await service.getServerInfo(create(GetServerInfoRequestSchema), call());
  expect(info).toMatchObject({
    defaultModel: "local/tiny",
    serverVersion: "0.11.6",
    serverName: "vibectl-llm-proxy",
    buildVersion: "1.2.3",
  });
  expect(info.modelAliases).toMatchObject({ fast: "local/tiny", tiny: "local/tiny", echo: "echo/echo" });
  expect(info.availableModels.map(({ modelId }) => modelId)).toEqual(["local/tiny", "echo/echo"]);
  expect(info.availableModels[0]?.aliases).toContain("fast");
});

describe("a call whose token names other models", () => {
  const narrow = createProxyService({
    models,
    schemas,
    identity,
    log,
    ...usual,
    mayUse: (_call, names) => names.includes("echo"),
  });

  test("is denied, unary and streamed, before the provider is asked", async () => {
    const unary = narrow.execute(request({ modelName: "fast" }), call());
    await expect(unary).rejects.toThrow(PermissionDeniedError);
    const streamed = narrow.streamExecute(request({ modelName: "fast" }), call()).next();
    await expect(streamed).rejects.toThrow("this token may not use the model local/tiny");
    expect(upstream.received).toEqual([]);
  });

  test("is answered by the models that it may use, and is told of no others", async () => {
    const { result } = await narrow.execute(request({ modelName: "echo" }), call());
    expect(result.case).toBe("success");
    const info = await narrow.getServerInfo(create(GetServerInfoRequestSchema), call());
    expect(info.availableModels.map(({ modelId }) => modelId)).toEqual(["echo/echo"]);
    expect(info.defaultModel).toBe("");
    expect(Object.values(info.modelAliases)).toEqual(
      info.availableModels.flatMap(({ aliases }) => aliases.map(() => "echo/echo")),
    );
  });
});

describe("prompts and answers are in the log", () => {
  const texts = { systemFragments: ["be brief"], userFragments: ["a secret question"], modelName: "echo" };
  const run = async (logPrompts: boolean) => {
    const talkative = createProxyService({ models, schemas, identity, log, ...usual, logPrompts });
    infos.length = 0;
    await talkative.execute(request(texts), call());
    for await (const part of talkative.streamExecute(request(texts), call())) expect(part.requestId).toBe("r-1");
    return infos;
  };

  test("only where that is wanted", async () => {
    expect(await run(false)).toEqual([]);
    const asked = { message: "prompt", requestId: "r-1", model: "echo/echo", system: "be brief" };
    const turns = [{ role: "user", text: "a secret question" }];
    const answered = { message: "answer", requestId: "r-1", answer: "a secret question" };
    expect(await run(true)).toEqual([{ ...asked, turns }, answered, { ...asked, turns }, answered]);
  });
});
