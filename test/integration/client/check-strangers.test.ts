import { describe, expect, test } from "bun:test";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { checkServer } from "../../../src/client/check-server.ts";
import { dial } from "../../../src/client/dial.ts";
import { parseServerUrl } from "../../../src/client/server-url.ts";
import { systemRoots } from "../../../src/client/trust.ts";
import { outcomes, resultOf, runCheck } from "./run-check.ts";

const schemes = ["vibectl-server", "vibectl-server-insecure"];
const roots = systemRoots();

interface Listener extends Disposable {
  port: number;
  /** Connections that are open. */
  open: Set<Socket>;
}

/** Listens on loopback, and treats each connection in its own way. */
async function listen(greet: (socket: Socket) => void): Promise<Listener> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
    greet(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const dispose = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { port, open, [Symbol.dispose]: dispose };
}

describe.each(schemes)("with %s://, what is no gRPC server", (scheme) => {
  test("is an HTTP/1.1 server", async () => {
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hello") });
    const report = await runCheck(`${scheme}://127.0.0.1:${server.port}`, { roots });
    expect(outcomes(report).slice(1, 4)).toEqual(["tcp ok", "tls failed", "authentication skipped"]);
    expect(resultOf(report, "tls").summary).toBe("the server speaks HTTP/1.1, and gRPC needs HTTP/2");
  });

  test("is a server of another protocol, whose greeting is shown", async () => {
    using server = await listen((socket) => socket.write("SSH-2.0-OpenSSH_9.2\u001b[2J\r\nmore\r\n"));
    const result = resultOf(await runCheck(`${scheme}://127.0.0.1:${server.port}`, { roots }), "tls");
    expect(result.summary).toBe("the server speaks something else than HTTP");
    expect(result.details).toEqual(["It said: SSH-2.0-OpenSSH_9.2[2J"]);
  });

  test("closes the connection at once", async () => {
    using server = await listen((socket) => socket.destroy());
    const result = resultOf(await runCheck(`${scheme}://127.0.0.1:${server.port}`, { roots }), "tls");
    expect(result.outcome).toBe("failed");
    expect(result.summary).toContain("closed the connection");
  });

  test("says nothing, and is given up with its connection closed", async () => {
    const closed = Promise.withResolvers<void>();
    using server = await listen((socket) => socket.on("close", () => closed.resolve()).resume());
    const report = await runCheck(`${scheme}://127.0.0.1:${server.port}`, { roots, timeoutMs: 60 });
    expect(resultOf(report, "tls")).toMatchObject({ outcome: "failed", summary: "no answer within 60 ms" });
    await closed.promise;
    expect(server.open.size).toBe(0);
  });

  test("is a closed port", async () => {
    const server = await listen((socket) => socket.destroy());
    server[Symbol.dispose]();
    const report = await runCheck(`${scheme}://127.0.0.1:${server.port}`, { roots });
    expect(outcomes(report).slice(0, 3)).toEqual(["name ok", "tcp failed", "tls skipped"]);
    expect(resultOf(report, "tcp")).toMatchObject({
      summary: `nothing listens on port ${server.port}`,
      details: ["127.0.0.1: connection refused"],
    });
  });

  test("is a name that nobody knows", async () => {
    const report = await runCheck(`${scheme}://nonexistent.invalid`, { roots });
    expect(outcomes(report).slice(0, 2)).toEqual(["name failed", "tcp skipped"]);
    expect(resultOf(report, "name").summary).toContain("nonexistent.invalid");
  });
});

describe("dialling several addresses", () => {
  test("takes the one that answers, and tells which refused", async () => {
    using server = await listen((socket) => socket.resume());
    const dialed = await dial(["::1", "127.0.0.1"], server.port, AbortSignal.timeout(5000));
    dialed.socket.destroy();
    expect(dialed.address).toBe("127.0.0.1");
    expect(dialed.refusals.map(({ address }) => address)).toEqual(["::1"]);
  });

  test("ends with the signal's reason when that was aborted", async () => {
    const reason = new Error("enough");
    await expect(dial(["127.0.0.1"], 1, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

test("a reader that leaves early leaves no connection behind", async () => {
  const closed = Promise.withResolvers<void>();
  using server = await listen((socket) => socket.on("close", () => closed.resolve()).resume());
  for await (const event of checkServer(parseServerUrl(`vibectl-server-insecure://127.0.0.1:${server.port}`))) {
    if (event.kind === "result" && event.step === "tcp") break;
  }
  await closed.promise;
  expect(server.open.size).toBe(0);
});
