import { describe, expect, test } from "bun:test";
import { secretKeys } from "../../../src/auth/keys.ts";
import { issueToken } from "../../../src/auth/token-issuer.ts";
import { createTokenVerifier, type VerifierSettings } from "../../../src/auth/token-verifier.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { at, keysOf, now, reasonOf, refusal, secretOf, settings, settingsOf } from "./verifiers.ts";

const oldText = "o".repeat(64);
const newText = "n".repeat(64);
const old = await keysOf(oldText);
const { signer, verifier } = settingsOf(old);

/** Settings of a server that has a new secret and, until a time, the old one. */
async function rotated(until: Date | undefined): Promise<VerifierSettings> {
  const secret = secretOf(newText, { text: oldText, ...(until ? { until } : {}) });
  return { ...settings, keys: (await secretKeys(secret, "HS256")).verification };
}

/** A verifier whose clock can be put forward. */
function timed(of: VerifierSettings) {
  const time = { now };
  return { time, verify: createTokenVerifier(of, () => time.now) };
}

describe("a token that was accepted before", () => {
  test("is not remembered when its key was withdrawn while it was checked, whatever other calls saw", async () => {
    const { token } = await issueToken({ subject: "ci-bot", lifetimeSeconds: 3600 }, signer, now);
    const gate = Promise.withResolvers<void>();
    let withdrawn = false;
    const keys: VerifierSettings["keys"] = {
      algorithm: "HS256",
      async candidatesFor(kid, time) {
        const before = withdrawn ? [] : await old.verification.candidatesFor(kid, time);
        if (!withdrawn) await gate.promise;
        return before;
      },
      revision: () => (withdrawn ? 1 : 0),
    };
    const { verify } = timed({ ...verifier, keys });
    const slow = verify(token);
    withdrawn = true;
    // Another call sees the new keys first.
    expect(await reasonOf(verify(`${token}x`))).toBeString();
    gate.resolve();
    await slow;
    expect(await reasonOf(verify(token))).toMatch(/no key is known/);
  });

  test("is refused all the same once it has expired", async () => {
    const { token } = await issueToken({ subject: "ci-bot", lifetimeSeconds: 3600 }, signer, now);
    const { time, verify } = timed(verifier);
    await verify(token);
    time.now = at(3600 + 29);
    expect(await verify(token)).toMatchObject({ subject: "ci-bot" });
    time.now = at(3600 + 30);
    expect(await reasonOf(verify(token))).toBe("the token has expired at 2026-06-01T13:00:00.000Z");
  });

  test("does not vouch for one that differs from it in its signature alone", async () => {
    const { token } = await issueToken({ subject: "ci-bot", lifetimeSeconds: 3600 }, signer, now);
    const { verify } = timed(verifier);
    await verify(token);
    const [first, second, third = ""] = token.split(".");
    const other = `${first}.${second}.${third.startsWith("A") ? "B" : "A"}${third.slice(1)}`;
    expect(await reasonOf(verify(other))).toMatch(/signature/);
  });

  test("is unknown to another verifier", async () => {
    const { token } = await issueToken({ subject: "ci-bot", lifetimeSeconds: 3600 }, signer, now);
    await createTokenVerifier(verifier, () => now)(token);
    const { verifier: other } = settingsOf(await keysOf(newText));
    expect(await refusal(other, token)).toMatch(/signature is not by a key/);
  });

  test("is checked again when the keys have changed", async () => {
    const { token } = await issueToken({ subject: "ci-bot", lifetimeSeconds: 3600 }, signer, now);
    const replacement = (await keysOf(newText)).verification;
    let changed = false;
    const keys: VerifierSettings["keys"] = {
      algorithm: "HS256",
      candidatesFor: (kid, time) => (changed ? replacement : old.verification).candidatesFor(kid, time),
      revision: () => (changed ? 1 : 0),
    };
    const verify = createTokenVerifier({ ...settings, keys }, () => now);
    await verify(token);
    changed = true;
    expect(await reasonOf(verify(token))).toMatch(/signature is not by a key/);
  });
});

describe("after a rotation", () => {
  test("tokens of both secrets are accepted", async () => {
    const verify = createTokenVerifier(await rotated(at(60)), () => now);
    const fresh = await issueToken(
      { subject: "new", lifetimeSeconds: 60 },
      { ...signer, key: (await keysOf(newText)).signing },
      now,
    );
    const before = await issueToken({ subject: "old", lifetimeSeconds: 60 }, signer, now);
    expect(await verify(fresh.token)).toMatchObject({ subject: "new" });
    expect(await verify(before.token)).toMatchObject({ subject: "old" });
  });

  test("a token of the old secret stops at the overlap's end, remembered or not", async () => {
    const { token } = await issueToken({ subject: "old", lifetimeSeconds: 3600 }, signer, now);
    const { time, verify } = timed(await rotated(at(60)));
    time.now = at(59);
    await verify(token);
    time.now = at(60);
    const reason = /signed with a key that is not accepted any more since 2026-06-01T12:01:00/;
    expect(await reasonOf(verify(token))).toMatch(reason);
    expect(await refusal(await rotated(at(60)), token, at(60))).toMatch(reason);
  });

  test("an old secret that is configured has no end", async () => {
    const { token } = await issueToken({ subject: "old", lifetimeSeconds: 86_400 * 365 }, signer, now);
    const verify = createTokenVerifier(await rotated(undefined), () => at(86_400 * 364));
    expect(await verify(token)).toMatchObject({ subject: "old" });
  });

  test("every secret is tried, whichever fits", async () => {
    const fresh = await issueToken(
      { subject: "new", lifetimeSeconds: 60 },
      { ...signer, key: (await keysOf(newText)).signing },
      now,
    );
    const { keys } = await rotated(at(60));
    expect(await keys.candidatesFor(undefined, now)).toHaveLength(2);
    expect(await createTokenVerifier({ ...settings, keys }, () => now)(fresh.token)).toMatchObject({ subject: "new" });
  });
});

test.each(["", ".", "a..b", "exp", "aud.x"])("a claim can't be mapped to %p", (subject) => {
  const claimNames = { ...settings.claimNames, subject };
  expect(() => createTokenVerifier({ ...verifier, claimNames })).toThrow(ConfigurationError);
});

test("two things can't be mapped to one claim", () => {
  const claimNames = { ...settings.claimNames, scope: "sub" };
  expect(() => createTokenVerifier({ ...verifier, claimNames })).toThrow("mapped to two things");
});

test("the refusal names the key that a token asks for, made visible", async () => {
  const { token } = await issueToken(
    { subject: "a", lifetimeSeconds: 60 },
    { ...signer, key: { ...(await keysOf(newText)).signing, kid: "k\u001b[2J" } },
    now,
  );
  expect(await refusal(verifier, token)).toBe(
    'the token\'s signature is not by a key of this server (it names the key "k\\u{1b}[2J")',
  );
});
