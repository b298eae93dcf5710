import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";
import { run, type Serving, serve } from "./executable.ts";

const root = join(import.meta.dir, "..", "..");
const home = temporaryFolder();
const bundle = join(home, ".config", "vibectl", "server", "certs", "ca-bundle.crt");

interface Answer {
  code: number;
  messages: Array<Record<string, unknown>>;
  stderr: string;
}

/** Calls with `buf curl`, a gRPC client that shares no code with this server. */
async function call(url: string, method: string, request: object, flags: readonly string[]): Promise<Answer> {
  const child = Bun.spawn(
    [
      join(root, "node_modules", ".bin", "buf"),
      "curl",
      "--schema=proto",
      "--protocol=grpc",
      `--data=${JSON.stringify(request)}`,
      ...flags,
      `${url}/vibectl.llm_proxy.VibectlLLMProxy/${method}`,
    ],
    { cwd: root, stdout: "pipe", stderr: "pipe", env: { ...process.env, BUF_CACHE_DIR: join(home, "buf") } },
  );
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  // Its messages stand one after the other, each indented.
  const messages = stdout.split(/^(?=\{)/m).flatMap((text) => (text.trim() === "" ? [] : [JSON.parse(text)]));
  return { code: await child.exited, messages, stderr };
}

const request = { userFragments: ["one two three"], requestId: "r-1" };

describe.each([
  ["plain text, no token", [] as string[]],
  ["TLS with a token", ["--generate-certs", "--require-auth"]],
])("a client of another make, with %s,", (_what, flags) => {
  const secure = flags.length > 0;
  let serving: Serving;
  let url: string;
  const access = secure ? [`--cacert=${bundle}`] : ["--http2-prior-knowledge"];
  const credentials: string[] = [];
  beforeAll(async () => {
    serving = await serve(["--model", "echo", ...flags], { home });
    url = `${secure ? "https" : "http"}://localhost:${serving.port}`;
    if (!secure) return;
    const { stdout } = await run(["generate-token", "alice"], { home });
    credentials.push(`--header=authorization: Bearer ${stdout.trim()}`);
  });
  afterAll(async () => {
    serving.kill("SIGKILL");
    await serving.exited;
  });

  test("gets a whole answer", async () => {
    const { code, messages, stderr } = await call(url, "Execute", request, [...access, ...credentials]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(messages).toEqual([
      {
        requestId: "r-1",
        success: {
          responseText: "one two three",
          actualModelUsed: "echo/echo",
          metrics: expect.objectContaining({ inputTokens: 3, outputTokens: 3, totalTokens: 6, costUsd: 0 }),
        },
      },
    ]);
  });

  test("gets a stream: text, complete, metrics", async () => {
    const { code, messages } = await call(url, "StreamExecute", request, [...access, ...credentials]);
    expect(code).toBe(0);
    expect(messages).toEqual([
      { requestId: "r-1", textChunk: "one " },
      { requestId: "r-1", textChunk: "two " },
      { requestId: "r-1", textChunk: "three" },
      { requestId: "r-1", complete: { actualModelUsed: "echo/echo" } },
      { requestId: "r-1", finalMetrics: expect.objectContaining({ outputTokens: 3 }) },
    ]);
  });

  test("gets a document that satisfies its schema", async () => {
    const schema = { type: "object", properties: { n: { type: "integer", minimum: 3 } }, required: ["n"] };
    const structured = { ...request, responseModelSchema: JSON.stringify(schema) };
    const { messages } = await call(url, "Execute", structured, [...access, ...credentials]);
    const [{ success } = { success: undefined }] = messages;
    const document = JSON.parse((success as { responseText: string }).responseText);
    expect(document.n).toBeGreaterThanOrEqual(3);
  });

  test("is told what the server offers", async () => {
    const { messages } = await call(url, "GetServerInfo", {}, [...access, ...credentials]);
    expect(messages[0]).toMatchObject({
      availableModels: [{ modelId: "echo/echo", provider: "echo", supportsStreaming: true }],
      defaultModel: "echo/echo",
      serverVersion: "0.11.6",
      serverName: "vibectl-llm-proxy",
      buildVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  });

  test("gets errors of the model in the answer", async () => {
    const flagsOfCall = [...access, ...credentials];
    const unknown = await call(url, "Execute", { ...request, modelName: "gpt-5" }, flagsOfCall);
    expect(unknown.messages[0]).toMatchObject({ requestId: "r-1", error: { errorCode: "MODEL_NOT_FOUND" } });
    const empty = await call(url, "StreamExecute", { requestId: "r-2" }, flagsOfCall);
    expect(empty.messages).toMatchObject([{ requestId: "r-2", error: { errorCode: "INVALID_REQUEST" } }]);
    const schema = await call(url, "Execute", { ...request, responseModelSchema: "{" }, flagsOfCall);
    expect(schema.messages[0]).toMatchObject({ error: { errorCode: "INVALID_REQUEST" } });
  });

  test("needs a good token where one is asked for, and gets UNAUTHENTICATED and no reason without", async () => {
    if (!secure) {
      const { code } = await call(url, "Execute", request, [...access, "--header=authorization: Bearer a.b.c"]);
      expect(code).toBe(0);
      return;
    }
    for (const wrong of [[], ["--header=authorization: Bearer a.b.c"], ["--header=authorization: Basic YTpi"]]) {
      const { code, messages, stderr } = await call(url, "Execute", request, [...access, ...wrong]);
      expect(code).not.toBe(0);
      expect(messages).toEqual([]);
      expect(stderr).toContain("unauthenticated");
      expect(stderr).toContain("missing or invalid credentials");
    }
  });

  test("can't hold the server up with a schema that takes for ever", async () => {
    const $defs: Record<string, object> = { d0: { type: "object" } };
    for (let depth = 1; depth <= 40; depth++) {
      const $ref = `#/$defs/d${depth - 1}`;
      $defs[`d${depth}`] = { allOf: [{ $ref }, { $ref }] };
    }
    const hostile = { ...request, responseModelSchema: JSON.stringify({ $defs, $ref: "#/$defs/d40" }) };
    const refused = call(url, "Execute", hostile, [...access, ...credentials]);
    const other = await call(url, "Execute", request, [...access, ...credentials]);
    expect(other.messages[0]).toHaveProperty("success");
    expect((await refused).messages[0]).toMatchObject({ error: { errorCode: expect.stringMatching(/^INVALID_/) } });
  });

  test("gets a request id where it sent none", async () => {
    const { messages } = await call(url, "Execute", { userFragments: ["a"] }, [...access, ...credentials]);
    expect(messages[0]).toMatchObject({ requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });
});
