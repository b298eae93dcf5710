import { describe, expect, test } from "bun:test";
import { createServer } from "node:net";
import { checkPort } from "../../../../src/server/doctor/port.ts";
import { startServer } from "../../../integration/client/fake-server.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const ca = new OpensslCa(temporaryFolder(), "CA");
const identity = ca.issue("leaf", { extensions: ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"] });

async function portTold(server: object, tls: object = {}): Promise<string> {
  const { context } = makeHome({ configuration: { server, tls } });
  return told(await checkPort(await context())).join("\n\n");
}

/** A program that listens and does what it is told with each connection. */
async function occupy(greet: (write: (text: string) => void) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => greet((text) => socket.end(text)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { port: address.port, [Symbol.dispose]: () => void server.close() };
}

describe("the port", () => {
  test("is fine when it is free, and is let go of", async () => {
    const { port, [Symbol.dispose]: close } = await occupy(() => undefined);
    close();
    expect(await portTold({ port })).toBe(`ok: 127.0.0.1:${port} is free`);
    expect(await portTold({ port })).toBe(`ok: 127.0.0.1:${port} is free`);
  });

  test("is fine when any will do", async () => {
    expect(await portTold({ port: 0 })).toBe("ok: any free port of 127.0.0.1");
  });

  test("is fine when a vibectl-server runs there, with TLS or without", async () => {
    using plain = await startServer();
    using secured = await startServer({ identity });
    using guarded = await startServer({ token: "s3cret" });
    expect(await portTold({ port: plain.port })).toBe(`ok: a vibectl-server 1.2.3 runs on 127.0.0.1:${plain.port}`);
    expect(await portTold({ port: plain.port, host: "0.0.0.0", use_tls: true, require_auth: true })).toBe(
      `ok: a vibectl-server 1.2.3 runs on 0.0.0.0:${plain.port}`,
    );
    expect(await portTold({ port: secured.port, use_tls: true })).toBe(
      `ok: a vibectl-server 1.2.3 runs on 127.0.0.1:${secured.port}`,
    );
    expect(await portTold({ port: secured.port })).toContain("ok: a vibectl-server 1.2.3 runs");
    expect(await portTold({ port: guarded.port })).toBe(
      `ok: a server that asks for a token, as a vibectl-server does, runs on 127.0.0.1:${guarded.port}`,
    );
  });

  test("is a warning when who runs there wants a client's certificate, as this server would", async () => {
    using server = await startServer({ identity, clientAuthority: ca });
    const tls = { client_ca_file: ca.certFile };
    expect(await portTold({ port: server.port, use_tls: true }, tls)).toStartWith(
      `warning: a server that asks for a client's certificate runs on 127.0.0.1:${server.port}`,
    );
    expect(await portTold({ port: server.port, use_tls: true })).toStartWith("failed: ");
  });

  test("fails when something else listens there: a web server, a greeting, one that hangs up", async () => {
    await using web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("hi") });
    using greeting = await occupy((write) => write("220 mail.example.org\r\n"));
    using silent = await occupy((write) => write(""));
    for (const port of [web.port, greeting.port, silent.port]) {
      const text = await portTold({ port });
      expect(text).toStartWith(
        `failed: can't listen on 127.0.0.1:${port}: the port is in use, by something that is no vibectl-server\n`,
      );
      expect(text).toContain("choose another port");
    }
  });

  test("fails after a while when what listens there says nothing", async () => {
    using mute = await occupy(() => undefined);
    expect(await portTold({ port: mute.port })).toStartWith(`failed: can't listen on 127.0.0.1:${mute.port}`);
  }, 15_000);

  test("fails when the address is not one of this machine's, or no name", async () => {
    expect(await portTold({ host: "192.0.2.1", port: 50051 })).toContain(
      "the address is not one of this machine's\nhint: ",
    );
    expect(await portTold({ host: "no name at all", port: 50051 })).toStartWith(
      "failed: can't listen on no name at all:50051",
    );
  });
});
