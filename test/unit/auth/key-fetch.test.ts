import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../../../src/errors.ts";
import { temporaryFolders } from "../../temporary-folder.ts";
import { startKeyServer } from "./key-server.ts";
import { brokenDown, makeIssuer, remoteVerifiers, sign, until } from "./remote-issuer.ts";
import { at, now, reasonOf } from "./verifiers.ts";

const { keys, firstPrivate, firstJwk, byFirst } = await makeIssuer();
const setUp = remoteVerifiers();
const freshFolder = temporaryFolders();

describe("a file of kept keys", () => {
  const content = (change: object) =>
    JSON.stringify({ algorithm: "ES256", fetched_at: now.toISOString(), keys: [firstJwk], ...change });
  const cases: readonly (readonly [string, (file: string, url: string) => void, RegExp])[] = [
    ["is torn", (file) => writeFileSync(file, '{"keys":['), /is not valid JSON/],
    ["is a list", (file) => writeFileSync(file, "[]"), /is not a JSON object/],
    ["is a folder", (file) => mkdirSync(file), /is a folder/],
    ["is huge", (file) => writeFileSync(file, "x".repeat(3 * 1024 * 1024)), /is too large/],
    ["has no time", (file, url) => writeFileSync(file, content({ url, fetched_at: "soon" })), /does not say when/],
    ["is of the future", (file, url) => writeFileSync(file, content({ url, fetched_at: at(60) })), /does not say when/],
    ["has no keys", (file, url) => writeFileSync(file, content({ url, keys: [] })), /holds no key for ES256/],
    [
      "was open to others",
      (file, url) => {
        writeFileSync(file, content({ url }));
        chmodSync(file, 0o666);
      },
      /Other users can write/,
    ],
  ];
  test.each(cases)("that %s is told, passed over, and written again", async (_name, damage, message) => {
    const server = startKeyServer([firstJwk]);
    const cacheFile = join(freshFolder(), "jwks.json");
    damage(cacheFile, server.url);
    const { verify, problems } = await setUp(server, { cacheFile });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    if (!statSync(cacheFile).isDirectory()) expect(JSON.parse(readFileSync(cacheFile, "utf8")).keys).toHaveLength(1);
  });
});

describe("an answer", () => {
  const cases: readonly (readonly [string, (url: string) => Response, RegExp])[] = [
    [
      "with a redirect",
      () => Response.redirect("http://127.0.0.1:1/", 302),
      /answers with a redirect \(status 302\), which is not followed/,
    ],
    ["with a status", () => new Response("{}", { status: 404 }), /answers with status 404/],
    ["that is huge", () => new Response("x".repeat(1024 * 1024 + 1)), /answer has more than 1048576 bytes/],
    ["that is a page", () => new Response("<html>"), /The JWK Set of jwt.jwks_url is not valid JSON/],
    ["that is not UTF-8", () => new Response(new Uint8Array([0xff])), /can't be fetched: /],
    ["without keys", () => Response.json({}), /has no list "keys"/],
    [
      "with no key that fits",
      () => Response.json({ keys: [{ kty: "RSA", n: "AA", e: "AQAB" }] }),
      /holds no key for ES256/,
    ],
    ["with a private key", () => Response.json({ keys: [firstPrivate] }), /holds a private key/],
  ];
  test.each(cases)("%s leaves the keys as they are", async (_name, answer, message) => {
    const server = startKeyServer([firstJwk]);
    const { verify, problems, remote, time } = await setUp(server);
    await verify(byFirst);
    server.answer = () => answer(server.url);
    await remote.refresh(time.now);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    expect(await verify(await sign(keys.first, "first", { jti: "again" }))).toMatchObject({ id: "again" });
  });

  test("that does not come is waited for no longer than the limit", async () => {
    const server = startKeyServer([firstJwk]);
    const held = Promise.withResolvers<Response>();
    server.answer = () => held.promise;
    const { verify, problems } = await setUp(server, { timeoutMs: 20 });
    expect(await reasonOf(verify(byFirst))).toMatch(/could not be fetched so far/);
    expect(problems).toEqual([`The keys at ${server.url} can't be fetched: no answer within 20 ms`]);
    held.resolve(brokenDown());
  });

  test("that begins and does not end is waited for no longer either", async () => {
    const server = startKeyServer([firstJwk]);
    server.answer = () => new Response(new ReadableStream({ start: (body) => body.enqueue(Buffer.from('{"keys":[')) }));
    const { verify, problems } = await setUp(server, { timeoutMs: 20 });
    await reasonOf(verify(byFirst));
    expect(problems[0]).toMatch(/no answer within 20 ms/);
  });

  test("that can't be kept is used all the same", async () => {
    const taken = join(freshFolder(), "file");
    writeFileSync(taken, "");
    const { verify, problems } = await setUp(startKeyServer([firstJwk]), { cacheFile: join(taken, "jwks.json") });
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    expect(problems).toHaveLength(1);
  });

  test("is not waited for once it is closed, and nothing is told", async () => {
    const server = startKeyServer([firstJwk]);
    const held = Promise.withResolvers<Response>();
    server.answer = () => held.promise;
    const { verify, problems, remote } = await setUp(server);
    const refused = reasonOf(verify(byFirst));
    await until(() => server.asked === 1);
    remote.close();
    expect(await refused).toMatch(/could not be fetched so far/);
    expect(problems).toEqual([]);
    held.resolve(brokenDown());
  });
});

describe("an address", () => {
  const open = (url: string) => setUp({ ...startKeyServer([]), url });
  test.each([
    ["http://id.example.com/jwks.json", /has the scheme http:\/\//],
    ["http://127.0.0.1.example.com/", /has the scheme http:/],
    ["http://10.0.0.1/", /has the scheme http:/],
    ["ftp://id.example.com/", /has the scheme ftp:/],
    ["file:///etc/passwd", /has the scheme file:/],
    ["data:application/json,{}", /has the scheme data:/],
    ["https://user:pass@id.example.com/", /holds a user or a password/],
    ["id.example.com/jwks.json", /is not an address/],
    ["", /is not an address/],
  ])("%p is refused", async (url, message) => {
    const opening = open(url);
    await expect(opening).rejects.toThrow(ConfigurationError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.not.toThrow("pass@");
  });

  test.each(["https://id.example.com/x", "http://localhost:1/", "http://127.8.8.8/", "http://[::1]:1/"])(
    "%p is taken",
    async (url) => {
      expect((await open(url)).problems).toEqual([]);
    },
  );

  test("does not show its query, which may hold a key", async () => {
    const server = startKeyServer([]);
    server.answer = brokenDown;
    const { remote, problems } = await setUp({ ...server, url: `${server.url}?key=s3cr3t` });
    await remote.refresh(now);
    expect(problems[0]).toContain(`${server.url} can't be fetched`);
    expect(problems[0]).not.toContain("s3cr3t");
  });
});
