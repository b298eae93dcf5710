import { expect, test } from "bun:test";
import { CallAbortedError } from "../../../src/errors.ts";
import type { CallContext } from "../../../src/rpc/context.ts";
import { logCalls } from "../../../src/rpc/log-calls.ts";
import { chunkOf, execute, llmService, replyOf, requestOf, streamExecute } from "./llm-service.ts";
import {
  callOnce,
  callRaw,
  connect,
  connectRaw,
  frame,
  openStream,
  pathOf,
  serve,
  startRaw,
  until,
} from "./support.ts";

/** Waits until the signal is aborted, and throws its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** A service whose methods wait for the abort, and what they have seen of it. */
async function serveWaiting() {
  const { promise: abort, resolve: tellAbort } = Promise.withResolvers<unknown>();
  const { promise: started, resolve: tellStarted } = Promise.withResolvers<CallContext>();
  const records: { level: string; code: unknown }[] = [];
  const write = (level: string) => (fields: Record<string, unknown>) => records.push({ level, code: fields.code });
  const cleaned: string[] = [];
  const services = [
    llmService({
      execute: async (_request, context) => {
        tellStarted(context);
        try {
          return await aborted(context.signal);
        } catch (error) {
          tellAbort(error);
          throw error;
        } finally {
          cleaned.push("execute");
        }
      },
      streamExecute: async function* (_request, context) {
        try {
          yield chunkOf("first");
          tellStarted(context);
          await aborted(context.signal);
        } catch (error) {
          tellAbort(error);
          throw error;
        } finally {
          cleaned.push("streamExecute");
        }
      },
    }),
  ];
  const middleware = [logCalls({ info: write("info"), warn: write("warn"), error: write("error") })];
  const { server, port } = await serve({ services, middleware });
  const reason = async () => {
    const error = await abort;
    expect(error).toBeInstanceOf(CallAbortedError);
    return (error as CallAbortedError).reason;
  };
  return { server, port, started, reason, records, cleaned };
}

test.each([
  ["a unary call", execute],
  ["a stream", streamExecute],
])("cancelling %s aborts its signal and is no failure in the log", async (_kind, method) => {
  const { server, port, started, reason, records, cleaned } = await serveWaiting();
  const session = connectRaw(port);
  const stream = startRaw(session, pathOf(method));
  stream.end(frame(new Uint8Array()));
  await started;
  stream.close(8);
  expect(await reason()).toBe("client");
  await until(() => server.activeCalls === 0);
  expect(records).toEqual([{ level: "info", code: "CANCELLED" }]);
  expect(cleaned).toHaveLength(1);
});

test.each([
  ["a unary call", execute],
  ["a stream", streamExecute],
])("the signal of %s aborts when the connection breaks", async (_kind, method) => {
  const { server, port, started, reason } = await serveWaiting();
  const session = connectRaw(port);
  const stream = startRaw(session, pathOf(method));
  stream.end(frame(new Uint8Array()));
  await started;
  session.destroy();
  expect(await reason()).toBe("client");
  await until(() => server.activeCalls === 0);
});

test.each([
  ["a unary call", execute],
  ["a stream", streamExecute],
])("the signal of %s aborts when the deadline passes, and the caller is told", async (_kind, method) => {
  const { server, port, reason, records } = await serveWaiting();
  const code = callRaw(connectRaw(port), pathOf(method), frame(new Uint8Array()), { "grpc-timeout": "50m" });
  expect(await reason()).toBe("deadline");
  expect(await code).toBe(4);
  await until(() => server.activeCalls === 0);
  expect(records).toEqual([{ level: "warn", code: "DEADLINE_EXCEEDED" }]);
});

test.each([
  ["a unary call", execute],
  ["a stream", streamExecute],
])("the signal of %s aborts when the server shuts down, and the caller is told", async (_kind, method) => {
  const { server, port, started, reason, records, cleaned } = await serveWaiting();
  const client = connect(port);
  const outcome =
    method === execute ? callOnce(client, method, requestOf("")) : openStream(client, method, requestOf("")).outcome;
  await started;
  await server.close({ graceMs: 0 });
  expect(await reason()).toBe("shutdown");
  expect((await outcome).code).toBe("UNAVAILABLE");
  expect(records).toEqual([{ level: "warn", code: "UNAVAILABLE" }]);
  expect(cleaned).toHaveLength(1);
});

test("a call that ends, well or not, never aborts its signal", async () => {
  const signals: AbortSignal[] = [];
  const { server, port } = await serve({
    services: [
      llmService({
        execute: async (request, { signal }) => {
          signals.push(signal);
          if (request.requestId === "fail") throw new Error("no");
          return replyOf("");
        },
        streamExecute: async function* (request, { signal }) {
          signals.push(signal);
          yield chunkOf("only");
          if (request.requestId === "fail") throw new Error("no");
        },
      }),
    ],
  });
  const client = connect(port);
  const options = { deadline: Date.now() + 60_000 };
  for (const text of ["", "fail"]) {
    await callOnce(client, execute, requestOf(text), { options });
    await openStream(client, streamExecute, requestOf(text), { options }).outcome;
  }
  await until(() => server.activeCalls === 0);
  client.close();
  await server.close({ graceMs: 0 });
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false, false]);
});

test("a signal that is first looked at after the abort is aborted", async () => {
  const { promise: context, resolve } = Promise.withResolvers<CallContext>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { server, port } = await serve({
    services: [
      llmService({
        execute: async (_request, call) => {
          resolve(call);
          await released;
          return replyOf("");
        },
      }),
    ],
  });
  const session = connectRaw(port);
  const stream = startRaw(session, pathOf(execute));
  stream.end(frame(new Uint8Array()));
  const call = await context;
  const { promise: ended, resolve: tellEnd } = Promise.withResolvers<string>();
  call.onEnd(({ code }) => tellEnd(code));
  stream.close(8);
  expect(await ended).toBe("CANCELLED");
  expect(call.signal.aborted).toBe(true);
  expect((call.signal.reason as CallAbortedError).reason).toBe("client");
  expect(server.activeCalls).toBe(1);
  release();
  await until(() => server.activeCalls === 0);
});

test("a handler that ignores its signal does not keep the caller waiting for the status", async () => {
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const { port } = await serve({
    services: [
      llmService({
        execute: async () => {
          await never;
          return replyOf("");
        },
        streamExecute: async function* () {
          yield chunkOf("first");
          await never;
        },
      }),
    ],
  });
  const session = connectRaw(port);
  for (const method of [execute, streamExecute]) {
    expect(await callRaw(session, pathOf(method), frame(new Uint8Array()), { "grpc-timeout": "50m" })).toBe(4);
  }
  release();
});

test("a generator that never looks at its signal ends when the client drops the call", async () => {
  let yielded = 0;
  let cleaned = false;
  const { server, port } = await serve({
    services: [
      llmService({
        streamExecute: async function* () {
          try {
            for (;;) {
              yielded++;
              yield chunkOf("more");
            }
          } finally {
            cleaned = true;
          }
        },
      }),
    ],
  });
  const client = connect(port);
  const { stream } = openStream(client, streamExecute, requestOf(""));
  await until(() => yielded > 100);
  stream.cancel();
  await until(() => server.activeCalls === 0);
  expect(cleaned).toBe(true);
});
