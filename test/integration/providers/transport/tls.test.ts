import { expect, test } from "bun:test";
import { createProvider } from "../../../../src/providers/registry.ts";
import { createTransport } from "../../../../src/providers/transport/transport.ts";
import { OpensslCa, type OpensslLeafOptions } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { failingCall } from "../calls.ts";
import { answering, plainAnswer, startTcp } from "./tcp-server.ts";

const dayMs = 86_400_000;
const folder = temporaryFolder();
const ca = new OpensslCa(folder, "corporate");
const other = new OpensslCa(folder, "other");
const forLocalhost = ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:localhost,IP:127.0.0.1"];

function issue(name: string, options: OpensslLeafOptions = {}) {
  return ca.issue(name, { extensions: forLocalhost, ...options });
}

const good = issue("good");
const own = new OpensslCa(folder, "own", { extensions: ["keyUsage=digitalSignature,keyCertSign", ...forLocalhost] });

async function serve({ cert, key }: { cert: string; key: string }) {
  return await startTcp(answering(plainAnswer('"secret"')), { cert, key });
}

async function failure(request: Promise<unknown>): Promise<unknown> {
  return await request.then(
    () => "it went well",
    (error: unknown) => error,
  );
}

test("a CA that the settings name is trusted, by name and by address, also in a bundle with others", async () => {
  await using server = await serve(good);
  for (const pem of [ca.cert, `# ours\n${other.cert}\n${ca.cert}`]) {
    const transport = createTransport({ name: "acme", ca: pem }, {});
    for (const host of ["localhost", "127.0.0.1"]) {
      expect(await (await transport(`https://${host}:${server.port}/`)).text()).toBe('"secret"');
    }
  }
});

test("the runtime's own CAs go on being trusted beside it", async () => {
  const { trusting } = await import("../../../../src/providers/transport/trust.ts");
  const { getCACertificates } = await import("node:tls");
  expect(trusting(undefined)).toBeUndefined();
  expect(trusting(ca.cert)).toBeDefined();
  expect(getCACertificates("default").length).toBeGreaterThan(100);
});

const refused = [
  { name: "from an unknown CA", pair: good, trusted: false, says: "is from a CA that is not trusted here" },
  { name: "that nobody but itself vouches for", pair: own, trusted: true, says: "is self-signed" },
  {
    name: "that has expired",
    pair: issue("expired", { notBefore: new Date(Date.now() - 3 * dayMs), notAfter: new Date(Date.now() - dayMs) }),
    trusted: true,
    says: "has expired",
  },
  {
    name: "that is not valid yet",
    pair: issue("early", { notBefore: new Date(Date.now() + dayMs), notAfter: new Date(Date.now() + 3 * dayMs) }),
    trusted: true,
    says: "is not valid yet",
  },
  {
    name: "for another name",
    pair: issue("elsewhere", { extensions: ["extendedKeyUsage=serverAuth", "subjectAltName=DNS:elsewhere.test"] }),
    trusted: true,
    says: "is for another name",
  },
  {
    name: "for another purpose",
    pair: issue("client", { extensions: ["extendedKeyUsage=clientAuth", "subjectAltName=DNS:localhost"] }),
    trusted: true,
    says: "is not trusted",
  },
];

for (const { name, pair, trusted, says } of refused) {
  test(`a certificate ${name} is refused, with the reason, before anything is sent`, async () => {
    let received = 0;
    await using server = await startTcp((socket) => socket.on("data", () => received++), {
      cert: pair.cert,
      key: pair.key,
    });
    const settings = {
      name: "local",
      type: "openai-compatible",
      baseUrl: `https://localhost:${server.port}/v1`,
    } as const;
    const provider = await createProvider({ ...settings, key: "k", ...(trusted && { ca: ca.cert }) });
    const error = await failingCall(provider, "tiny");
    expect(error.code).toBe("PROVIDER_UNAVAILABLE");
    expect(error.message).toContain(`its TLS certificate ${says} (`);
    const isStranger = /CA that is|self-signed/.test(says);
    expect(error.hint?.includes("providers.local.ca_file")).toBe(isStranger);
    expect(received).toBe(0);
  });
}

test("a server without TLS is told as one", async () => {
  await using server = await startTcp((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
  );
  const transport = createTransport({ name: "acme" }, {});
  expect(await failure(transport(`https://127.0.0.1:${server.port}/`))).toMatchObject({
    point: "connection",
    message: expect.stringContaining("it does not speak TLS"),
  });
});

test("a server that hangs up within the TLS handshake has closed the connection", async () => {
  await using server = await startTcp((socket) => socket.once("data", () => socket.end()));
  const transport = createTransport({ name: "acme" }, {});
  expect(await failure(transport(`https://127.0.0.1:${server.port}/`))).toMatchObject({
    point: "connection",
    code: "econnreset",
    message: "it closed the connection",
  });
});
