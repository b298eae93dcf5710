import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { messageOf } from "../../../src/errors.ts";
import { startKeyServer } from "./key-server.ts";
import { brokenDown, day, makeIssuer, minute, remoteVerifiers, sign, until } from "./remote-issuer.ts";
import { at, reasonOf } from "./verifiers.ts";

const { keys, firstJwk, secondJwk, byFirst, bySecond } = await makeIssuer();
const setUp = remoteVerifiers();

describe("keys at an address", () => {
  test("are fetched once for all tokens that come together, or before one comes", async () => {
    const { server, verify, problems } = await setUp(startKeyServer([firstJwk]));
    const claims = await Promise.all([verify(byFirst), verify(byFirst), verify(await sign(keys.first))]);
    expect(claims.map(({ subject }) => subject)).toEqual(["alice", "alice", "alice"]);
    expect(server.asked).toBe(1);
    expect(problems).toEqual([]);
  });

  test("are all tried for a token that names none", async () => {
    const { verify } = await setUp(startKeyServer([firstJwk, secondJwk]));
    expect(await verify(await sign(keys.second))).toMatchObject({ subject: "alice" });
    expect(await reasonOf(verify(await sign(keys.second, "first")))).toMatch(
      /not by a key of this server \(it names the key "first"/,
    );
  });

  test("that are secrets are never used", async () => {
    const { verify } = await setUp(startKeyServer([firstJwk, { kty: "oct", k: "c2VjcmV0", kid: "s", alg: "ES256" }]));
    expect(await reasonOf(verify(await sign(keys.first, "s")))).toMatch(/no key is known .*"s"/);
  });

  test("are fetched again after ten minutes, and no call waits for that", async () => {
    const { server, verify, time, remote } = await setUp(startKeyServer([firstJwk]));
    await verify(byFirst);
    time.now = at(10 * minute - 1);
    await verify(byFirst);
    expect(server.asked).toBe(1);
    const held = Promise.withResolvers<Response>();
    server.answer = () => held.promise;
    time.now = at(10 * minute);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    expect(await verify(await sign(keys.first))).toMatchObject({ subject: "alice" });
    await until(() => server.asked === 2);
    held.resolve(Response.json({ keys: [secondJwk] }));
    await until(() => remote.revision(time.now) === 2);
    expect(await reasonOf(verify(byFirst))).toMatch(/no key is known/);
    expect(await verify(bySecond)).toMatchObject({ subject: "alice" });
  });

  test("are fetched again when the clock was set back, as nobody knows how old they are", async () => {
    const { server, verify, time, remote } = await setUp(startKeyServer([firstJwk]));
    await verify(byFirst);
    time.now = at(7 * day);
    await remote.refresh(time.now);
    const asked = server.asked;
    server.answer = () => Response.json({ keys: [firstJwk, secondJwk] });
    time.now = at(0);
    remote.revision(time.now);
    await until(() => server.asked > asked);
    await remote.refresh(time.now);
    expect(await verify(bySecond)).toMatchObject({ subject: "alice" });
  });

  test("are fetched for a name that is not known, at most once in half a minute", async () => {
    const { server, verify, time } = await setUp(startKeyServer([firstJwk]));
    await verify(byFirst);
    server.keys = [firstJwk, secondJwk];
    time.now = at(29);
    expect(await reasonOf(verify(bySecond))).toBe(
      'no key is known that can have signed the token (it names the key "second")',
    );
    expect(server.asked).toBe(1);
    time.now = at(30);
    const unknown = await sign(keys.first, "third");
    const results = await Promise.allSettled([verify(bySecond), verify(unknown), verify(unknown), verify(byFirst)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
    for (let call = 0; call < 20; call++) await reasonOf(verify(await sign(keys.first, `k${call}`)));
    expect(server.asked).toBe(2);
  });

  test("that are asked for while the issuer was never reached say so, and are not asked for at each call", async () => {
    const server = startKeyServer([firstJwk]);
    server.answer = brokenDown;
    const { verify, problems, time } = await setUp(server);
    for (let call = 0; call < 5; call++) {
      expect(await reasonOf(verify(byFirst))).toBe(
        "the token can't be checked without the issuer's keys: they could not be fetched so far",
      );
    }
    expect(server.asked).toBe(1);
    expect(problems).toEqual([`The keys at ${server.url} can't be fetched: it answers with status 503`]);
    server.answer = () => Response.json({ keys: server.keys });
    time.now = at(30);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
  });
});

describe("while the issuer is away", () => {
  test("its keys go on working for a day, and the trouble is told once until it is over", async () => {
    const server = startKeyServer([firstJwk]);
    const { verify, problems, time, remote } = await setUp(server);
    await verify(byFirst);
    server.answer = brokenDown;
    for (const hours of [1, 2, 23]) {
      time.now = at(hours * 60 * minute);
      expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
      await remote.refresh(time.now);
    }
    expect(problems).toHaveLength(1);
    time.now = at(day - 1);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    time.now = at(day);
    expect(await reasonOf(verify(byFirst))).toMatch(/those fetched last are over a day old/);
    server.answer = () => Response.json({ keys: server.keys });
    time.now = at(day + minute);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    server.answer = brokenDown;
    await remote.refresh(time.now);
    expect(problems).toHaveLength(2);
  });

  test("a restart works with the keys that were kept, until they are a day old", async () => {
    const server = startKeyServer([firstJwk]);
    const before = await setUp(server);
    await before.verify(byFirst);
    const { cacheFile } = before.options;
    expect(statSync(cacheFile).mode & 0o777).toBe(0o600);
    server.answer = brokenDown;
    const { verify, time, problems } = await setUp(server, { cacheFile });
    time.now = at(day - 1);
    expect(await verify(byFirst)).toMatchObject({ subject: "alice" });
    await until(() => problems.length === 1);
    time.now = at(day);
    expect(await reasonOf(verify(byFirst))).toMatch(/over a day old/);
  });

  test("keys that were kept for another address, or another algorithm, are not used", async () => {
    const before = await setUp(startKeyServer([firstJwk]));
    await before.verify(byFirst);
    const { cacheFile } = before.options;
    const other = startKeyServer([]);
    other.answer = brokenDown;
    const { verify, problems } = await setUp(other, { cacheFile });
    expect(problems).toEqual([]);
    expect(await reasonOf(verify(byFirst))).toMatch(/could not be fetched so far/);
    await setUp(before.server, {
      cacheFile,
      algorithm: "RS256",
      onProblem: (error) => problems.push(messageOf(error)),
    });
    expect(problems).toHaveLength(1);
  });
});
