import { expect, test } from "bun:test";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, status as statusCodes } from "@grpc/grpc-js";
import { ExecuteRequestSchema, type StreamChunk } from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { executable, serve } from "./executable.ts";
import { streamExecute } from "./stream-client.ts";

const home = temporaryFolder();

function configure(name: string, text: string): string {
  const file = join(home, name);
  writeFileSync(file, text);
  return file;
}

test("a call that runs when SIGTERM comes is finished, and new ones are refused", async () => {
  const config = configure("slow.yaml", "providers: { echo: { chunk_delay_ms: 500 } }");
  const serving = await serve(["--config", config], { home });
  const client = new Client(`localhost:${serving.port}`, credentials.createInsecure());
  const ask = (text: string) => streamExecute(client, { userFragments: [text] });
  const running = ask("one two three four five");
  const chunks: Array<StreamChunk["chunkType"]["case"]> = [];
  running.on("data", (chunk: StreamChunk) => chunks.push(chunk.chunkType.case));
  await once(running, "data");
  serving.kill("SIGTERM");
  await serving.logged(/draining/);
  const [refusal] = await once(ask("six"), "error");
  expect(refusal.code).toBe(statusCodes.UNAVAILABLE);
  const [status] = await once(running, "status");
  expect(status.code).toBe(statusCodes.OK);
  expect(chunks).toEqual([...Array(5).fill("textChunk"), "complete", "finalMetrics"]);
  expect((await serving.exited).code).toBe(0);
  client.close();
});

test("a signal before it listens ends it with 0, without listening", async () => {
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const config = configure(
    "silent.yaml",
    `providers: { a: { type: openai-compatible, base_url: "http://127.0.0.1:${port}" } }`,
  );
  const asked = once(silent, "connection");
  const child = Bun.spawn([executable, "serve", "--port", "0", "--config", config], {
    env: { HOME: home },
    stdout: "pipe",
    stderr: "pipe",
  });
  await asked;
  child.kill("SIGTERM");
  expect(await new Response(child.stdout).text()).toBe("");
  expect(await child.exited).toBe(0);
  silent.close();
});

test("a log that nobody reads holds up neither calls nor the end", async () => {
  const child = Bun.spawn([executable, "serve", "--port", "0", "--log-level", "debug"], {
    env: { HOME: home },
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stdout.getReader();
  let printed = "";
  while (!/listens on \S*:(\d+)/.test(printed)) printed += new TextDecoder().decode((await reader.read()).value);
  const client = new Client(`localhost:${/listens on \S*:(\d+)/.exec(printed)?.[1]}`, credentials.createInsecure());
  const bytes = Buffer.from(toBinary(ExecuteRequestSchema, create(ExecuteRequestSchema, { userFragments: ["a"] })));
  // Each call leaves a line of some 100 bytes; a pipe holds 64 KiB.
  for (let count = 0; count < 2000; count++) {
    await new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        "/vibectl.llm_proxy.VibectlLLMProxy/Execute",
        (request: Buffer) => request,
        (reply: Buffer) => reply,
        bytes,
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }
  client.close();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
});
