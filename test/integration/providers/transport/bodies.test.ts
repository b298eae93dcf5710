import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { createTransport } from "../../../../src/providers/transport/transport.ts";
import { chunkedHead, chunkOf } from "../scripted-upstream.ts";
import { plainAnswer, startTcp, type TcpServer, until } from "./tcp-server.ts";

const mebibyte = 1024 * 1024;
const transport = createTransport({ name: "acme" }, {});

/** A server that says the same to every first request of a connection, and then hangs up. */
async function saying(...pieces: (string | Uint8Array)[]): Promise<TcpServer> {
  return await startTcp((socket) =>
    socket.once("data", async () => {
      for (const piece of pieces) {
        if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
      }
      socket.end();
    }),
  );
}

function ask({ port }: TcpServer): Promise<Response> {
  return transport(`http://127.0.0.1:${port}/`);
}

function head(fields: Record<string, string>, status = "200 OK"): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}Connection: close\r\n\r\n`;
}

const json = { "Content-Type": "application/json" };
const events = { "Content-Type": "text/event-stream; charset=utf-8" };
const text = JSON.stringify({ text: "Grüße, 世界 👋".repeat(200) });

describe("a compressed answer, which nobody asked for", () => {
  const codings: [string, Uint8Array][] = [
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["identity", Buffer.from(text)],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
  ];
  test.each(codings)("is read all the same: %s", async (coding, body) => {
    await using server = await saying(head({ ...json, "Content-Encoding": coding, "X-Kept": "yes" }), body);
    const response = await ask(server);
    expect(await response.text()).toBe(text);
    expect(response.headers.get("x-kept")).toBe("yes");
    if (coding !== "identity") expect(response.headers.get("content-encoding")).toBeNull();
  });

  test("is handed on as it comes, event by event", async () => {
    const sent = Promise.withResolvers<void>();
    const { createGzip, constants } = await import("node:zlib");
    await using server = await startTcp((socket) =>
      socket.once("data", async () => {
        const gzip = createGzip({ flush: constants.Z_SYNC_FLUSH });
        gzip.on("data", (piece) => socket.write(piece));
        gzip.on("end", () => socket.end());
        socket.write(head({ ...events, "Content-Encoding": "gzip" }));
        gzip.write("data: 1\n\n");
        await sent.promise;
        gzip.end("data: 2\n\n");
      }),
    );
    const reader = (await ask(server)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: 1\n\n");
    sent.resolve();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("data: 2\n\n");
    expect((await reader?.read())?.done).toBe(true);
  });

  test.each([
    ["is garbage", Buffer.from("no gzip at all"), { point: "format", code: "undecodable" }],
    ["is cut", gzipSync(text).subarray(0, 60), { point: "body" }],
    ["turns into garbage", Buffer.concat([gzipSync(text).subarray(0, 60), Buffer.alloc(500, 7)]), { point: "format" }],
  ])("that %s is an error", async (_, body, error) => {
    await using server = await saying(head({ ...json, "Content-Encoding": "gzip" }), body);
    const response = await ask(server);
    await expect(response.text()).rejects.toMatchObject(error);
    await server.emptied();
  });

  test("in a way that nobody knows is an error", async () => {
    await using server = await saying(head({ ...json, "Content-Encoding": "rot13" }), "abc");
    await expect(ask(server)).rejects.toMatchObject({ point: "format", code: "unknown_coding" });
  });

  test("is bounded by what comes out of it", async () => {
    const bomb = gzipSync(Buffer.alloc(80 * mebibyte, "a"));
    expect(bomb.length).toBeLessThan(mebibyte);
    await using server = await saying(head({ ...json, "Content-Encoding": "gzip" }), bomb);
    const response = await ask(server);
    await expect(response.text()).rejects.toMatchObject({
      code: "too_large",
      message: "its answer is larger than 64 MiB",
    });
    await server.emptied();
  });
});

describe("a text", () => {
  const bytes = Buffer.from(text);

  test("arrives whole, however its characters are split between pieces", async () => {
    for (const [fields, body] of [
      [json, bytes],
      [events, Buffer.from(`data: ${text}\n\n`)],
    ] as const) {
      for (const size of [1, 2, 3, 5]) {
        const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, index) =>
          chunkBytes(body.subarray(index * size, (index + 1) * size)),
        );
        await using server = await saying(
          `HTTP/1.1 200 OK\r\nContent-Type: ${fields["Content-Type"]}\r\nTransfer-Encoding: chunked\r\n\r\n`,
          ...pieces,
          "0\r\n\r\n",
        );
        expect(await (await ask(server)).text()).toBe(body.toString());
      }
    }
  });

  const broken: [string, Uint8Array][] = [
    ["a byte that is never in UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["a character that lacks its end", Buffer.from([0x22, 0xe4, 0xb8, 0x22])],
    ["Latin-1", Buffer.from('"Grüße"', "latin1")],
  ];
  test.each(broken)("that holds %s is an error, at once or streamed", async (_, body) => {
    await using whole = await saying(head({ ...json, "Content-Length": `${body.length}` }), body);
    await expect(ask(whole).then((response) => response.text())).rejects.toMatchObject({
      point: "format",
      code: "not_utf8",
    });
    await using stream = await saying(head(events), "data: 1\n\ndata: ", body, "\n\n");
    await expect(ask(stream).then((response) => response.text())).rejects.toMatchObject({ code: "not_utf8" });
  });

  test("that ends within a character is an error", async () => {
    await using server = await saying(head(json), bytes.subarray(0, 12));
    await expect(ask(server).then((response) => response.text())).rejects.toMatchObject({ code: "not_utf8" });
  });

  test("of no declared kind may hold any bytes", async () => {
    await using server = await saying(head({ "Content-Type": "application/octet-stream" }), Buffer.from([0xff, 0xfe]));
    expect(await (await ask(server)).bytes()).toEqual(new Uint8Array([0xff, 0xfe]));
  });
});

function chunkBytes(piece: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);
}

describe("the size of an answer", () => {
  const piece = Buffer.alloc(mebibyte, "a");
  const many = (count: number) => Array.from({ length: count }, () => piece);

  test("may be 50 MB at once", async () => {
    await using server = await saying(head(json), ...many(50));
    expect((await (await ask(server)).text()).length).toBe(50 * mebibyte);
  });

  test("is an error above 64 MiB, and the rest is not waited for", async () => {
    await using server = await saying(head(json), ...many(100));
    await expect(ask(server).then((response) => response.text())).rejects.toMatchObject({ code: "too_large" });
    await server.emptied();
  });

  test("has no bound in a stream, where a line may have 5 MB", async () => {
    const line = [Buffer.from("data: "), ...many(5), Buffer.from("\n\n")];
    await using server = await saying(head(events), ...Array.from({ length: 16 }, () => line).flat());
    let bytes = 0;
    for await (const part of (await ask(server)).body ?? []) {
      bytes += part.length;
      expect(part.at(-1)).toBe(10);
    }
    expect(bytes).toBe(16 * (5 * mebibyte + 8));
  }, 20_000);

  test("is an error where a line of a stream has more than 16 MiB", async () => {
    await using server = await saying(head(events), "data: ", ...many(20));
    await expect(ask(server).then((response) => response.text())).rejects.toMatchObject({
      code: "too_large",
      message: "a line of its answer is larger than 16 MiB",
    });
    await server.emptied();
  });

  test("of an error does not matter: its beginning is read, and no more", async () => {
    await using server = await saying(head({ "Content-Type": "text/html" }, "500 Internal Server Error"), ...many(30));
    const response = await ask(server);
    expect(response.status).toBe(500);
    expect((await response.text()).length).toBe(mebibyte);
    await server.emptied();
  });
});

describe("an answer that breaks off", () => {
  const broken = { point: "body", message: "the connection broke" };

  test.each([
    [
      "in a body of known length",
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"abc`,
    ],
    ["in a chunk", `${chunkedHead}20\r\ndata: 1\n\n`],
    ["between chunks", `${chunkedHead}${chunkOf("data: 1\n\n")}`],
  ])("%s is an error of the connection", async (_, answer) => {
    await using server = await saying(answer);
    const response = await ask(server);
    await expect(response.text()).rejects.toMatchObject(broken);
  });

  test("hands on what came before, also to a reader who comes late", async () => {
    await using server = await startTcp((socket) =>
      socket.once("data", () => {
        socket.write(`${chunkedHead}${chunkOf("data: 1\n\n")}${chunkOf("data: 2\n\n")}`);
        socket.end();
      }),
    );
    const { body } = await ask(server);
    await server.emptied();
    const reader = body?.getReader();
    let seen = "";
    const read = async () => {
      for (;;) seen += new TextDecoder().decode((await reader?.read())?.value);
    };
    await expect(read()).rejects.toMatchObject(broken);
    expect(seen).toBe("data: 1\n\ndata: 2\n\n");
  });

  test("just where a slow reader made it wait is whole all the same, where its end is the connection's", async () => {
    const line = `data: ${"x".repeat(mebibyte - 8)}\n\n`;
    await using server = await saying(head(events), ...Array.from({ length: 8 }, () => line));
    let bytes = 0;
    for await (const part of (await ask(server)).body ?? []) {
      bytes += part.length;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(8 * mebibyte);
  });

  test.each([
    ["is no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["has a malformed status", "HTTP/1.1 abc\r\n\r\n"],
    ["has a status beyond all that there are", "HTTP/1.1 799 What\r\nContent-Length: 0\r\n\r\n"],
    ["has endless headers", `HTTP/1.1 200 OK\r\n${"X-A: aaaaaaaaaaaaaaaaaaaa\r\n".repeat(2000)}`],
    ["switches to another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"],
  ])("or %s is no answer in HTTP", async (_, answer) => {
    await using server = await saying(answer);
    await expect(ask(server)).rejects.toMatchObject({ point: "format", code: "not_http" });
    await server.emptied();
  });

  test("or has malformed chunks is no answer in HTTP either", async () => {
    await using server = await saying(`${chunkedHead}${chunkOf("data: 1\n\n")}zz\r\n`);
    const response = await ask(server);
    await expect(response.text()).rejects.toMatchObject({ point: "format", code: "not_http" });
  });
});

test("redirects are not followed", async () => {
  await using elsewhere = await saying(plainAnswer('"stolen"'));
  const location = `http://127.0.0.1:${elsewhere.port}/`;
  await using server = await saying(
    `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`,
  );
  const response = await ask(server);
  expect(response.status).toBe(307);
  expect(response.headers.get("location")).toBe(location);
  expect(elsewhere.made).toBe(0);
});

test("answers before the answer are passed over", async () => {
  await using server = await saying("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", plainAnswer('"ok"'));
  expect(await (await ask(server)).text()).toBe('"ok"');
  await using empty = await saying("HTTP/1.1 204 No Content\r\n\r\n");
  expect((await ask(empty)).body).toBeNull();
  await until(() => empty.open === 0);
});
