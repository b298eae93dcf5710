import { describe, expect, test } from "bun:test";
import { createProvider } from "../../../../src/providers/registry.ts";
import { createTransport } from "../../../../src/providers/transport/transport.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { everythingIn, failingCall } from "../calls.ts";
import { startProxy } from "./connect-proxy.ts";
import { answering, plainAnswer, startTcp } from "./tcp-server.ts";

const folder = temporaryFolder();
const ca = new OpensslCa(folder, "corporate");
const names = ["upstream.test", "localhost"].map((name) => `DNS:${name}`).join(",");
const pair = ca.issue("upstream", {
  extensions: ["extendedKeyUsage=serverAuth", `subjectAltName=${names},IP:127.0.0.1`],
});
const tls = { cert: pair.cert, key: pair.key };
const answer = answering(plainAnswer('"hello"'));
const password = "hush-hush-7";

describe("through a proxy", () => {
  test("requests to https go by a tunnel, and TLS is spoken with the target itself", async () => {
    await using upstream = await startTcp(answer, tls);
    await using proxy = await startProxy({ upstreamPort: upstream.port, credentials: `al:${password}` });
    const transport = createTransport(
      { name: "acme", ca: ca.cert, proxy: `http://al:${password}@127.0.0.1:${proxy.port}` },
      {},
    );
    for (let call = 0; call < 3; call++) {
      expect(await (await transport("https://upstream.test:8443/v1?a=b")).text()).toBe('"hello"');
    }
    expect(proxy.heads).toEqual([
      `CONNECT upstream.test:8443 HTTP/1.1\r\nHost: upstream.test:8443\r\nProxy-Authorization: Basic ${btoa(`al:${password}`)}`,
    ]);
  });

  test("requests to http are put to it with their whole address", async () => {
    await using upstream = await startTcp(answer);
    await using proxy = await startProxy({ upstreamPort: upstream.port, credentials: "a b:p@ss/word" });
    const address = `http://a%20b:p%40ss%2Fword@127.0.0.1:${proxy.port}`;
    const transport = createTransport({ name: "acme", proxy: address }, {});
    expect(await (await transport("http://upstream.test/v1?a=b")).text()).toBe('"hello"');
    expect(proxy.heads[0]).toStartWith("GET http://upstream.test/v1?a=b HTTP/1.1\r\nhost: upstream.test\r\n");
    await using open = await startProxy({ upstreamPort: upstream.port });
    const free = createTransport({ name: "acme", proxy: `http://127.0.0.1:${open.port}` }, {});
    expect(await (await free("http://upstream.test/")).text()).toBe('"hello"');
    expect(open.heads[0]).not.toContain("authorization");
  });

  test("that is spoken with over TLS, there is a tunnel too", async () => {
    await using upstream = await startTcp(answer, tls);
    await using proxy = await startProxy({ upstreamPort: upstream.port, tls });
    const transport = createTransport({ name: "acme", ca: ca.cert, proxy: `https://localhost:${proxy.port}` }, {});
    expect(await (await transport("https://upstream.test/")).text()).toBe('"hello"');
    expect(proxy.heads[0]).toStartWith("CONNECT upstream.test:443 HTTP/1.1");
  });

  test("the target's certificate is checked all the same", async () => {
    await using upstream = await startTcp(answer, tls);
    await using proxy = await startProxy({ upstreamPort: upstream.port });
    const transport = createTransport({ name: "acme", ca: ca.cert, proxy: `http://127.0.0.1:${proxy.port}` }, {});
    await expect(transport("https://another.test/")).rejects.toMatchObject({
      code: "err_tls_cert_altname_invalid",
      message: expect.stringContaining("its TLS certificate is for another name"),
    });
    await proxy.server.emptied();
  });

  test("aborting a request closes the tunnel at both its ends", async () => {
    const arrived = Promise.withResolvers<void>();
    await using upstream = await startTcp((socket) => socket.once("data", () => arrived.resolve()), tls);
    await using proxy = await startProxy({ upstreamPort: upstream.port });
    const transport = createTransport({ name: "acme", ca: ca.cert, proxy: `http://127.0.0.1:${proxy.port}` }, {});
    const caller = new AbortController();
    const outcome = transport("https://upstream.test/", { signal: caller.signal }).catch((error) => error);
    await arrived.promise;
    const before = performance.now();
    const reason = new Error("enough");
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    expect((await proxy.server.emptied()) - before).toBeLessThan(100);
    await upstream.emptied();
  });
});

describe("a proxy that fails", () => {
  const refusals = [
    {
      name: "wants another password",
      status: "407 Proxy Authentication Required",
      says: "it wants another user or password",
    },
    { name: "does not allow the target", status: "403 Forbidden", says: "it does not allow this target" },
    { name: "can't reach the target", status: "502 Bad Gateway", says: "it can't reach the target" },
    { name: "has trouble of its own", status: "500 Internal Server Error", says: "refused (HTTP 500)" },
  ];
  for (const { name, status, says } of refusals) {
    test(`since it ${name} is told as what failed, and never with its password`, async () => {
      await using proxy = await startProxy({
        upstreamPort: 1,
        refusal: `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`,
      });
      const provider = await createProvider({
        name: "local",
        type: "openai-compatible",
        baseUrl: "https://upstream.test/v1",
        proxy: `http://al:${password}@127.0.0.1:${proxy.port}`,
      });
      const error = await failingCall(provider, "tiny");
      expect(error.code).toBe("PROVIDER_UNAVAILABLE");
      expect(error.message).toContain("the proxy on the way to it refused (HTTP ");
      expect(error.message).toContain(says);
      expect(error.hint).toContain("providers.local.proxy");
      expect(everythingIn(error)).not.toContain(password);
      await proxy.server.emptied();
    });
  }

  test("when it is put a request to http and wants another password is told so too", async () => {
    await using proxy = await startProxy({ upstreamPort: 1, credentials: "other:one" });
    const transport = createTransport({ name: "acme", proxy: `http://al:${password}@127.0.0.1:${proxy.port}` }, {});
    await expect(transport("http://upstream.test/")).rejects.toMatchObject({ code: "proxy_refused" });
  });

  test.each([
    ["speaks no HTTP", "220 mail.example.org ESMTP\r\n\r\n"],
    ["hangs up", ""],
  ])("since it %s is told so", async (_, refusal) => {
    await using proxy = await startProxy({ upstreamPort: 1, refusal });
    const transport = createTransport({ name: "acme", proxy: `http://127.0.0.1:${proxy.port}` }, {});
    await expect(transport("https://upstream.test/")).rejects.toMatchObject({ code: "proxy_not_http" });
    await proxy.server.emptied();
  });

  test("since nothing listens at its address is told so", async () => {
    const transport = createTransport({ name: "acme", proxy: "http://127.0.0.1:1" }, {});
    await expect(transport("https://upstream.test/")).rejects.toMatchObject({
      code: "proxy_unreachable",
      message: "the proxy on the way to it can't be used: nothing listens at its address",
    });
  });
});

test("the environment's proxy is used, unless NO_PROXY or the settings say otherwise", async () => {
  await using upstream = await startTcp(answer);
  await using proxy = await startProxy({ upstreamPort: upstream.port });
  const environment = { http_proxy: `127.0.0.1:${proxy.port}`, NO_PROXY: "*.corp.invalid, direct.invalid" };
  const transport = createTransport({ name: "acme" }, environment);
  expect(await (await transport("http://upstream.test/")).text()).toBe('"hello"');
  expect(proxy.heads).toHaveLength(1);
  for (const host of ["direct.invalid", "llm.corp.invalid"]) {
    await expect(transport(`http://${host}/`)).rejects.toMatchObject({
      code: expect.stringMatching(/enotfound|eai_again/),
    });
  }
  const own = createTransport({ name: "acme", proxy: "none" }, environment);
  await expect(own("http://upstream.test/")).rejects.toMatchObject({
    code: expect.stringMatching(/enotfound|eai_again/),
  });
  expect(proxy.heads).toHaveLength(1);
});
