import { describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { setCallTerms } from "../../../../src/providers/transport/call-terms.ts";
import { createTransport } from "../../../../src/providers/transport/transport.ts";
import { startUpstream } from "../scripted-upstream.ts";
import { answering, plainAnswer, startTcp, until } from "./tcp-server.ts";

const make = (maxConnections?: number) =>
  createTransport({ name: "acme", ...(maxConnections === undefined ? {} : { maxConnections }) }, {});
const ok = plainAnswer('"ok"');
const post = (rest: RequestInit = {}): RequestInit => ({ method: "POST", body: "{}", ...rest });

async function call(transport: ReturnType<typeof make>, port: number, rest?: RequestInit): Promise<string> {
  return await (await transport(`http://127.0.0.1:${port}/`, post(rest))).text();
}

describe("connections", () => {
  test("are used again, the last one first", async () => {
    await using server = await startTcp(answering(ok));
    const transport = make();
    await Promise.all(Array.from({ length: 5 }, () => call(transport, server.port)));
    expect(server.made).toBe(5);
    for (let turn = 0; turn < 20; turn++) expect(await call(transport, server.port)).toBe('"ok"');
    expect(server.made).toBe(5);
  });

  test("are not used again where the server says so", async () => {
    await using server = await startTcp(answering(ok.replace("\r\n", "\r\nConnection: close\r\n")));
    const transport = make();
    for (let turn = 0; turn < 3; turn++) expect(await call(transport, server.port)).toBe('"ok"');
    expect(server.made).toBe(3);
    await server.emptied();
  });

  test("are bounded, and who finds none free gets one in turn", async () => {
    const waiting: Socket[] = [];
    await using server = await startTcp((socket) => socket.on("data", () => waiting.push(socket)));
    const transport = make(3);
    const order: number[] = [];
    const calls = Array.from({ length: 10 }, (_, index) => call(transport, server.port).then(() => order.push(index)));
    for (let answered = 0; answered < 10; answered++) {
      await until(() => waiting.length > 0);
      expect(server.made).toBeLessThanOrEqual(3);
      waiting.shift()?.write(ok);
    }
    await Promise.all(calls);
    expect(order.slice(3)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(server.made).toBe(3);
  });

  test("make room for those who wait when they break or can't be made", async () => {
    let count = 0;
    await using server = await startTcp((socket) =>
      socket.on("data", () => (count++ < 3 ? socket.destroy() : socket.write(ok))),
    );
    const transport = make(1);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => call(transport, server.port)));
    expect(outcomes.map(({ status }) => status)).toEqual([...Array(3).fill("rejected"), "fulfilled", "fulfilled"]);
    const refused = await Promise.allSettled(Array.from({ length: 3 }, () => call(transport, 1)));
    expect(refused.map(({ status }) => status)).toEqual(Array(3).fill("rejected"));
  });

  test("can be a thousand at once, and each gets its answer", async () => {
    const waiting: Socket[] = [];
    await using server = await startTcp((socket) => socket.once("data", () => waiting.push(socket)));
    const transport = make();
    const calls = Promise.all(Array.from({ length: 1000 }, () => call(transport, server.port)));
    await until(() => waiting.length === 1000);
    expect(server.open).toBe(1000);
    for (const socket of waiting) socket.write(ok);
    expect(new Set(await calls)).toEqual(new Set(['"ok"']));
    await transport.close();
    await server.emptied();
  }, 30_000);
});

describe("a connection that the server closed while it was idle", () => {
  /** Answers one request for each connection; the second one finds it closed, or is what closes it. */
  const onceEach = (socket: Socket) => {
    let requests = 0;
    socket.on("data", () => (requests++ === 0 ? socket.write(ok) : socket.destroy()));
  };

  test("is noticed when nothing has been sent on it", async () => {
    const sockets: Socket[] = [];
    await using server = await startTcp((socket) => {
      sockets.push(socket);
      answering(ok)(socket);
    });
    const transport = make();
    expect(await call(transport, server.port)).toBe('"ok"');
    sockets[0]?.end();
    await server.emptied();
    expect(await call(transport, server.port)).toBe('"ok"');
    expect(server.made).toBe(2);
  });

  test("is no failure when only the request shows it: it goes out once more, on a new one", async () => {
    await using server = await startTcp(onceEach);
    const transport = make();
    const { signal } = new AbortController();
    let sent = 0;
    setCallTerms(signal, { onSent: () => void sent++ });
    expect(await call(transport, server.port)).toBe('"ok"');
    expect(await call(transport, server.port, { signal })).toBe('"ok"');
    expect(server.made).toBe(2);
    expect(sent).toBe(1);
  });

  test("is so also where no further connection may be open", async () => {
    await using server = await startTcp(onceEach);
    const transport = make(1);
    for (let turn = 0; turn < 4; turn++) expect(await call(transport, server.port)).toBe('"ok"');
    expect(server.made).toBe(4);
  });

  test("is a failure when the new one breaks as well, and when a new one breaks at all", async () => {
    let requests = 0;
    await using server = await startTcp((socket) =>
      socket.on("data", () => (requests++ === 0 ? socket.write(ok) : socket.destroy())),
    );
    const transport = make();
    expect(await call(transport, server.port)).toBe('"ok"');
    await expect(call(transport, server.port)).rejects.toMatchObject({ point: "connection" });
    expect(requests).toBe(3);
    await expect(call(transport, server.port)).rejects.toMatchObject({ point: "connection" });
    expect(requests).toBe(4);
  });

  test("is a failure when a byte of the answer had come", async () => {
    let requests = 0;
    await using server = await startTcp((socket) =>
      socket.on("data", () => {
        if (requests++ === 0) socket.write(ok);
        else socket.end("HTTP/1.1 20");
      }),
    );
    const transport = make();
    expect(await call(transport, server.port)).toBe('"ok"');
    await expect(call(transport, server.port)).rejects.toMatchObject({ point: "connection" });
    expect(requests).toBe(2);
  });
});

describe("closing a transport", () => {
  test("lets the request that runs come to its end, closes what is idle at once, and waits for both", async () => {
    const waiting: Socket[] = [];
    await using server = await startTcp((socket) => socket.on("data", () => waiting.push(socket)));
    const transport = make();
    const first = call(transport, server.port);
    const second = call(transport, server.port);
    await until(() => waiting.length === 2);
    waiting[0]?.write(ok);
    await first;
    let isClosed = false;
    const closed = transport.close().then(() => {
      isClosed = true;
    });
    await until(() => server.open === 1);
    expect(isClosed).toBe(false);
    waiting[1]?.write(ok);
    expect(await second).toBe('"ok"');
    await closed;
    await server.emptied();
  });

  test("leaves it of use for a call that comes late, whose connection is not kept", async () => {
    await using server = await startTcp(answering(ok));
    const transport = make();
    await transport.close();
    expect(await call(transport, server.port)).toBe('"ok"');
    await server.emptied();
  });
});

test("each request asks for no compression, says who it is, and carries the headers that the settings add", async () => {
  await using upstream = startUpstream(() => new Response("ok"));
  const transport = createTransport({ name: "acme", headers: { "X-Team": "platform", accept: "application/x" } }, {});
  await (
    await transport(`${upstream.url.replace("//", "//al:pa%20ss@")}/path?query=1`, post({ headers: { accept: "a/b" } }))
  ).text();
  await (await transport(new Request(upstream.url, { method: "PUT", body: "{}", headers: { "x-own": "1" } }))).text();
  const [first, second] = upstream.received;
  expect(Object.fromEntries(first?.headers ?? [])).toEqual({
    host: new URL(upstream.url).host,
    connection: "keep-alive",
    accept: "application/x",
    "accept-encoding": "identity",
    authorization: `Basic ${btoa("al:pa ss")}`,
    "content-length": "2",
    "user-agent": "vibectl-server",
    "x-team": "platform",
  });
  expect(second?.headers.get("x-own")).toBe("1");
  expect(second?.headers.get("x-team")).toBe("platform");
});
