import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { LLMock } from "@copilotkit/aimock";
import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import type { StreamChunk } from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Serving, serve } from "./executable.ts";
import { streamExecute } from "./stream-client.ts";

const home = temporaryFolder();
const key = "sk-canary-0123456789abcdef0123456789";
const answer = "Pods are the smallest deployable units that Kubernetes runs.";
const mock = new LLMock({ port: 0, chunkSize: 10 });

/** An upstream whose stream goes on only when the test says so. */
const gate = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  opened.resolve(response);
});
let opened = Promise.withResolvers<ServerResponse>();

let serving: Serving;
let client: Client;

beforeAll(async () => {
  const usage = { input_tokens: 12, output_tokens: 9, prompt_tokens: 12, completion_tokens: 9 };
  mock.onMessage(/pods/, { content: answer, usage });
  await mock.start();
  gate.listen(0, "127.0.0.1");
  await once(gate, "listening");
  const { port } = gate.address() as AddressInfo;
  const keyFile = join(home, "key");
  writeFileSync(keyFile, `${key}\n`);
  const config = join(home, "config.yaml");
  writeFileSync(
    config,
    `providers:
  anthropic: { key_file: ${keyFile}, base_url: "${mock.url}" }
  openai: { key_file: ${keyFile}, base_url: "${mock.url}" }
  gate: { type: openai-compatible, base_url: "http://127.0.0.1:${port}/v1", models: [tiny] }
`,
  );
  serving = await serve(["--config", config, "--log-level", "debug"], { home });
  client = new Client(`localhost:${serving.port}`, credentials.createInsecure());
});

afterAll(async () => {
  client?.close();
  serving?.kill("SIGKILL");
  await serving?.exited;
  await mock.stop();
  gate.closeAllConnections();
  gate.close();
});

function stream(modelName: string, text = "what are pods?"): ClientReadableStream<StreamChunk> {
  return streamExecute(client, { modelName, systemFragments: ["be brief"], userFragments: [text] });
}

async function collect(modelName: string): Promise<Array<StreamChunk["chunkType"]>> {
  const chunks: Array<StreamChunk["chunkType"]> = [];
  for await (const { chunkType } of stream(modelName) as AsyncIterable<StreamChunk>) chunks.push(chunkType);
  return chunks;
}

describe.each([
  ["claude-3.7-sonnet", "anthropic/claude-sonnet-4-5"],
  ["gpt-4o", "openai/gpt-4o"],
])("%s, through the executable,", (name, id) => {
  test("streams piece by piece, with the provider's own usage and a price", async () => {
    const chunks = await collect(name);
    const texts = chunks.flatMap((chunk) => (chunk.case === "textChunk" ? [chunk.value] : []));
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.join("")).toBe(answer);
    expect(chunks.at(-2)).toMatchObject({ case: "complete", value: { actualModelUsed: id } });
    expect(chunks.at(-1)).toMatchObject({ case: "finalMetrics", value: { inputTokens: 12, outputTokens: 9 } });
    const metrics = chunks.at(-1);
    expect(metrics?.case === "finalMetrics" && (metrics.value.costUsd ?? 0) > 0).toBe(true);
  });
});

test("a model that no provider of this server has is refused in the answer", async () => {
  expect(await collect("ollama:llama3")).toMatchObject([{ case: "error", value: { errorCode: "MODEL_NOT_FOUND" } }]);
});

describe("while an upstream still writes,", () => {
  const event = (content: string) =>
    `data: ${JSON.stringify({ id: "c", created: 1, model: "tiny", choices: [{ index: 0, delta: { content } }] })}\n\n`;

  test("each word has reached the client before the next is written", async () => {
    opened = Promise.withResolvers();
    const reading = (stream("gate/tiny") as AsyncIterable<StreamChunk>)[Symbol.asyncIterator]();
    const response = await opened.promise;
    for (const word of ["one ", "two ", "three "]) {
      response.write(event(word));
      const { value } = await reading.next();
      expect(value?.chunkType).toEqual({ case: "textChunk", value: word });
    }
    response.destroy();
    const { value } = await reading.next();
    expect(value?.chunkType).toMatchObject({ case: "error", value: { errorCode: "STREAM_TRUNCATED" } });
    expect((await reading.next()).done).toBe(true);
  });

  test("a client that cancels closes the connection to it", async () => {
    opened = Promise.withResolvers();
    const call = stream("gate/tiny");
    call.on("error", () => undefined);
    const first = once(call, "data");
    const response = await opened.promise;
    const closed = once(response, "close");
    response.write(event("one "));
    await first;
    call.cancel();
    await closed;
    expect(response.writableEnded).toBe(false);
    await serving.logged(/StreamExecute .*code=CANCELLED/);
  });

  test("a client that cancels before the first word closes it too", async () => {
    opened = Promise.withResolvers();
    const call = stream("gate/tiny");
    call.on("error", () => undefined);
    const response = await opened.promise;
    const closed = once(response, "close");
    call.cancel();
    await closed;
    expect(response.writableEnded).toBe(false);
  });
});

test("the provider's key shows nowhere: not in what was printed, nor in the process list", async () => {
  const list = `/proc/${serving.pid}/cmdline`;
  const shown = serving.stdout() + serving.stderr() + (existsSync(list) ? readFileSync(list, "utf8") : "");
  expect(shown).not.toContain("canary");
  expect(serving.stderr()).toContain("StreamExecute");
});
