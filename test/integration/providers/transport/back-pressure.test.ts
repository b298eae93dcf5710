import { expect, test } from "bun:test";
import { createGzip } from "node:zlib";
import { createTransport } from "../../../../src/providers/transport/transport.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { randomNumbers } from "../../../random-numbers.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { startProxy } from "./connect-proxy.ts";
import { startTcp } from "./tcp-server.ts";

const mebibyte = 1024 * 1024;
const total = 96 * mebibyte;
/** What may be on the way: the buffers of the kernel at both ends, and of each stream. */
const most = 32 * mebibyte;
const ca = new OpensslCa(temporaryFolder(), "corporate");
const { cert, key } = ca.issue("upstream", {
  extensions: ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:localhost"],
});

/** Lines that don't compress, so that as much travels as is written. */
function makePiece(): Buffer {
  const random = randomNumbers(7);
  const digits = Array.from({ length: 64 * 1024 - 8 }, () =>
    String.fromCharCode(33 + Math.floor(random.next().value * 90)),
  );
  return Buffer.from(`data: ${digits.join("")}\n\n`);
}

const piece = makePiece();

/** Writes as fast as it may, and counts. */
function pour(sink: NodeJS.WritableStream, count: (bytes: number) => void): void {
  let written = 0;
  const go = () => {
    while (written < total) {
      written += piece.length;
      count(piece.length);
      if (!sink.write(piece)) return;
    }
    sink.off("drain", go);
    sink.end();
  };
  sink.on("drain", go);
  go();
}

for (const way of ["http", "https", "a tunnel", "a proxy without a tunnel", "gzip"] as const) {
  test(`a slow reader makes the server wait, by ${way}`, async () => {
    let written = 0;
    const isSecure = way === "https" || way === "a tunnel";
    const head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
    await using server = await startTcp(
      (socket) =>
        socket.once("data", () => {
          socket.write(`${head}${way === "gzip" ? "Content-Encoding: gzip\r\n" : ""}\r\n`);
          const sink = way === "gzip" ? createGzip({ level: 1 }) : socket;
          if (sink !== socket) sink.pipe(socket);
          pour(sink, (bytes) => {
            written += bytes;
          });
        }),
      isSecure ? { cert, key } : undefined,
    );
    await using proxy = await startProxy({ upstreamPort: server.port });
    const isProxied = way === "a tunnel" || way === "a proxy without a tunnel";
    const settings = { name: "acme", ca: ca.cert, ...(isProxied && { proxy: `http://127.0.0.1:${proxy.port}` }) };
    const response = await createTransport(settings, {})(`${isSecure ? "https" : "http"}://localhost:${server.port}/`);
    let read = 0;
    let lead = 0;
    for await (const part of response.body ?? []) {
      read += part.length;
      lead = Math.max(lead, written - read);
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(read).toBe(total);
    expect(lead).toBeLessThan(most);
  }, 30_000);
}
