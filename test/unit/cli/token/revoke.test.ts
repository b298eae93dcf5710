import { describe, expect, test } from "bun:test";
import { createToken } from "../../../../src/cli/token/create.ts";
import { readCreateFlags } from "../../../../src/cli/token/create-flags.ts";
import { listTokens } from "../../../../src/cli/token/list.ts";
import { revokeTokens } from "../../../../src/cli/token/revoke.ts";
import { verifyToken } from "../../../../src/cli/token/verify.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { collect, contextIn, refusalOf } from "./token-context.ts";

const freshFolder = temporaryFolders();

async function setUp() {
  const { context } = await contextIn({ HOME: freshFolder() });
  const issue = async (subject: string, expiresIn = "1h") => {
    const printed = collect();
    const request = readCreateFlags({ subject, "expires-in": expiresIn }, []);
    await createToken(request, { ...context, output: printed.output });
    const token = printed.text().trim();
    return { token, id: (await context.tools.verify(token)).id ?? "" };
  };
  const revoke = (name: string, options: { reason?: string; json?: boolean } = {}) => {
    const printed = collect();
    const { reason, json = false } = options;
    revokeTokens({ name, reason, json }, { ...context, output: printed.output });
    return { out: printed.text(), notes: printed.notes() };
  };
  const verify = async (token: string, json = false) => {
    const printed = collect();
    const accepted = await verifyToken(token, { ...context, output: printed.output, json });
    return { out: printed.text(), accepted };
  };
  const list = async (options: { subject?: string; json?: boolean; now?: Date } = {}) => {
    const printed = collect();
    const { subject, json = false, now = context.now } = options;
    await listTokens({ subject, json }, { ...context, output: printed.output, now });
    return printed.text();
  };
  return { context, issue, revoke, verify, list };
}

describe("token revoke", () => {
  test("ends one token by its id", async () => {
    const { issue, revoke, verify } = await setUp();
    const [first, second] = [await issue("alice"), await issue("alice")];
    const { out, notes } = revoke(first.id);
    expect(out).toBe(`Revoked the token ${first.id}\n`);
    expect(notes).toBe("");
    expect(await refusalOf(() => verify(first.token))).toContain(
      "The token would be refused: the token was revoked at",
    );
    expect((await verify(second.token)).accepted).toBe(true);
    expect(revoke(first.id).out).toContain("was revoked already");
  });

  test("ends all tokens of a subject, and says how many", async () => {
    const { issue, revoke, verify } = await setUp();
    const tokens = [await issue("alice"), await issue("alice")];
    const other = await issue("bob");
    const { out, notes } = revoke("alice", { reason: "laptop lost" });
    expect(out).toMatch(/^Revoked what was issued to alice until 20.*Z: 2 tokens that were valid\n$/);
    expect(notes).toBe("");
    for (const { token } of tokens) expect(await refusalOf(() => verify(token))).toContain("refused");
    expect((await verify(other.token)).accepted).toBe(true);
    expect(revoke("alice").out).toContain("no valid token of it is known");
    expect((await verify((await issue("alice")).token)).accepted).toBe(true);
    expect(revoke("alice").out).toContain("1 token that was valid");
  });

  test("works for a subject that is not known, and names the one that may be meant", async () => {
    const { issue, revoke, context } = await setUp();
    await issue("alice");
    expect(revoke("alcie").notes).toContain("no subject of this name, is known here; did you mean alice?");
    expect(revoke("alcie").notes).toContain("did you mean alice?");
    expect(revoke("somebody else").notes).toContain("is known here; both are refused from now on");
    expect(context.tools.openStore().lastRevocationOf("alcie")).toBeDate();
  });

  test("ends a UUID that is not known both as an id and as a subject", async () => {
    const { revoke, context } = await setUp();
    const name = crypto.randomUUID();
    const { notes } = revoke(name);
    expect(notes).toContain("no token with this id, and no subject of this name, is known here");
    const kinds = context.tools
      .openStore()
      .revocations()
      .map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["subject", "token"]);
  });

  test("takes a UUID that is a known subject for that", async () => {
    const { issue, revoke } = await setUp();
    const name = crypto.randomUUID();
    await issue(name);
    expect(revoke(name)).toMatchObject({ out: expect.stringContaining("1 token that was valid"), notes: "" });
  });

  test("prints JSON", async () => {
    const { issue, revoke } = await setUp();
    await issue("alice");
    expect(JSON.parse(revoke("alice", { json: true, reason: "lost" }).out)).toMatchObject({
      name: "alice",
      kind: "subject",
      known: true,
      ended: 1,
      revoked_before: null,
      reason: "lost",
    });
  });

  test.each([
    ["a token", "eyJhbGciOiJIUzI1NiJ9.e30.x", undefined, "A token is not taken from the command line"],
    ["a client's URL", "vibectl-server://t0ken@localhost", undefined, "A token is not taken from the command line"],
    ["no name", " ", undefined, "NAME is"],
    ["a reason of two lines", "alice", "a\nb", "--reason is"],
  ])("refuses %s", async (_, name, reason, expected) => {
    const { revoke } = await setUp();
    const refusal = await refusalOf(() => revoke(name, reason === undefined ? {} : { reason }));
    expect(refusal).toStartWith("UsageError: ");
    expect(refusal).toContain(expected);
    expect(refusal).not.toMatch(/eyJ|t0ken/);
  });

  test("takes a subject that is a URI", async () => {
    const { revoke } = await setUp();
    expect(revoke("spiffe://example.org/ci").out).toContain("Revoked what was issued to spiffe://example.org/ci");
  });
});

describe("token verify", () => {
  test("says whose a good token is, until when, and what it may do", async () => {
    const { issue, verify } = await setUp();
    const { token, id } = await issue("alice");
    const { out, accepted } = await verify(token);
    expect(accepted).toBe(true);
    expect(out).toStartWith("The token is accepted\n");
    expect(out).toMatch(/Subject +alice\n/);
    expect(out).toContain(id);
    expect(out).toMatch(/Scopes +info, execute\n {2}Models +all\n {2}Limits +those of the server/);
    expect(out).not.toContain(token);
    expect(JSON.parse((await verify(token, true)).out)).toMatchObject({
      accepted: true,
      subject: "alice",
      models: null,
    });
  });

  test("says why a bad one is refused", async () => {
    const { issue, verify } = await setUp();
    const { token } = await issue("alice");
    const forged = `${token.slice(0, token.lastIndexOf("."))}.${Buffer.alloc(32).toString("base64url")}`;
    expect(await refusalOf(() => verify(forged))).toStartWith("UnauthenticatedError: The token would be refused: ");
    const { out, accepted } = await verify(forged, true);
    expect(accepted).toBe(false);
    expect(JSON.parse(out)).toMatchObject({ accepted: false, reason: expect.stringContaining("signature") });
  });
});

describe("token list", () => {
  test("says so where there is nothing", async () => {
    const { list } = await setUp();
    expect(await list()).toBe("No tokens were issued here\n");
    expect(await list({ subject: "alice" })).toBe("No token of this subject was issued here\n");
    expect(JSON.parse(await list({ json: true }))).toEqual({ tokens: [], revocations: [] });
  });

  test("shows every token and how it is doing, and what was revoked beside them", async () => {
    const { context, issue, revoke, list } = await setUp();
    const valid = await issue("bob", "2h");
    const revoked = await issue("bob", "2h");
    const expired = await issue("carol", "1min");
    await issue("dave", "2h");
    revoke(revoked.id);
    revoke("dave", { reason: "left" });
    const foreign = crypto.randomUUID();
    revoke(foreign);
    const now = new Date(context.now.getTime() + 3_600_000);
    const lines = (await list({ now })).split("\n");
    const lineOf = (text: string) => lines.find((line) => line.includes(text)) ?? "";
    expect(lines[0]).toMatch(/^ID +SUBJECT +ISSUED +EXPIRES +SCOPES +MODELS +STATUS$/);
    expect(lineOf(valid.id)).toMatch(/bob .* UTC .* UTC +info, execute +all +valid$/);
    expect(lineOf(revoked.id)).toEndWith("revoked");
    expect(lineOf(expired.id)).toEndWith("expired");
    expect(lineOf("dave:")).toMatch(/dave: all tokens issued until 20.*Z \(left\)$/);
    expect(lines.slice(lines.indexOf("Revoked tokens that are not listed:")).join()).toContain(foreign);
    const { tokens, revocations } = JSON.parse(await list({ json: true, now, subject: "bob" }));
    expect(tokens.map(({ status }: { status: string }) => status)).toEqual(["revoked", "valid"]);
    expect(revocations).toEqual([]);
  });
});
