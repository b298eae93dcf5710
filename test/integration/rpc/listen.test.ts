import { expect, test } from "bun:test";
import { createServer } from "node:net";
import { ListenError } from "../../../src/errors.ts";
import { createRpcServer } from "../../../src/rpc/server.ts";
import { execute, llmService, requestOf } from "./llm-service.ts";
import { callOnce, connect, onCleanup, serve } from "./support.ts";

async function listenOn(host: string, port = 0) {
  const server = createRpcServer({ services: [llmService()] });
  onCleanup(() => server.close({ graceMs: 0 }));
  return server.listen({ host, port });
}

async function errorOf(listening: Promise<unknown>): Promise<ListenError> {
  const error = await listening.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ListenError);
  return error as ListenError;
}

test("port 0 takes a free port and tells which", async () => {
  const { host, port } = await listenOn("127.0.0.1");
  expect(host).toBe("127.0.0.1");
  expect(port).toBeGreaterThan(0);
  expect((await callOnce(connect(port), execute, requestOf(""))).code).toBe("OK");
});

test("a host name stays one in the address that is told", async () => {
  expect((await listenOn("localhost")).host).toBe("localhost");
});

test("an IPv6 address may come in brackets and is told in brackets", async () => {
  expect((await listenOn("::1")).host).toBe("[::1]");
  expect((await listenOn("[::1]")).host).toBe("[::1]");
});

test("a port in use is named, and what has it stays unharmed", async () => {
  const { port } = await serve({ services: [llmService()] });
  const error = await errorOf(listenOn("127.0.0.1", port));
  expect(error.message).toBe(`can't listen on 127.0.0.1:${port}: the port is in use`);
  expect(error.hint).toContain("another port");
  expect((await callOnce(connect(port), execute, requestOf(""))).code).toBe("OK");
});

test("a port that another program has on all addresses is in use too", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "0.0.0.0", resolve));
  onCleanup(() => {
    other.close();
  });
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect((await errorOf(listenOn("127.0.0.1", port))).message).toContain("the port is in use");
});

test("a host that does not resolve, or is another machine's, is named", async () => {
  expect((await errorOf(listenOn("no.such.host.invalid"))).message).toBe(
    "can't listen on no.such.host.invalid:0: the host name does not resolve",
  );
  expect((await errorOf(listenOn("192.0.2.1"))).message).toBe(
    "can't listen on 192.0.2.1:0: the address is not one of this machine's",
  );
});

test("a port that can't be one is refused", async () => {
  expect((await errorOf(listenOn("127.0.0.1", 99_999))).message).toContain("can't listen on 127.0.0.1:99999");
});
