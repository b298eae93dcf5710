import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectToken } from "../../../../src/cli/token/inspect.ts";
import { readToken } from "../../../../src/cli/token/token-source.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { collect, piped, refusalOf } from "./token-context.ts";

const freshFolder = temporaryFolders();
const now = new Date("2026-06-01T12:00:00Z");
const seconds = now.getTime() / 1000;

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function tokenOf(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = { alg: "HS256", typ: "JWT" },
): string {
  return `${encode(header)}.${encode(claims)}.${Buffer.alloc(32, "secret-signature").toString("base64url")}`;
}

function inspected(token: string, json = false) {
  const { output, text, notes } = collect();
  inspectToken(token, { json, output, now });
  return { out: text(), notes: notes() };
}

describe("token inspect", () => {
  test("shows every claim, times with how far they are, and never the token or its signature", () => {
    const token = tokenOf({
      sub: "alice",
      exp: seconds + 7200,
      iat: seconds - 86_400 * 3,
      aud: ["a", "b"],
      team: { x: 1 },
    });
    const { out, notes } = inspected(token);
    expect(out).toStartWith("What the token says of itself; nobody has checked it\n");
    expect(out).toMatch(/Subject +alice\n/);
    expect(out).toMatch(/Expires +2026-06-01T14:00:00Z \(in 2 hours\)\n/);
    expect(out).toMatch(/Issued +2026-05-29T12:00:00Z \(3 days ago\)\n/);
    expect(out).toMatch(/Audience +\["a","b"\]\n/);
    expect(out).toMatch(/team +\{"x":1\}\n/);
    expect(out).toMatch(/Signature +32 bytes, not shown/);
    for (const part of token.split(".")) expect(out + notes).not.toContain(part);
    expect(notes).toContain("token verify");
  });

  test("prints JSON, where it says that nothing was verified", () => {
    expect(JSON.parse(inspected(tokenOf({ sub: "alice" }), true).out)).toEqual({
      verified: false,
      header: { alg: "HS256", typ: "JWT" },
      claims: { sub: "alice" },
      signature_bytes: 32,
    });
  });

  test.each([
    [{ exp: seconds - 1 }, undefined, "It has expired"],
    [{}, undefined, "It does not say when it expires"],
    [{ exp: seconds + 9, nbf: seconds + 5 }, undefined, "It is not valid yet"],
    [{ exp: seconds + 9 }, { alg: "none" }, "It is not signed"],
  ])("warns of %p", (claims, header, warning) => {
    expect(inspected(tokenOf(claims, header)).out).toContain(`warning: ${warning}`);
  });

  test("shows what can't be seen as codes, and strange claims as they are", () => {
    const hostile = tokenOf({ sub: "\u001b[2Jal\u202eice", exp: 1e300, constructor: "x", iat: "yesterday", jti: null });
    const { out } = inspected(hostile);
    expect(out).toContain("\\u001b[2Jal\\u202eice");
    expect(out).toMatch(/Expires +1e\+300\n/);
    expect(out).toMatch(/constructor +x\n/);
    expect(out).toMatch(/Issued +yesterday\n/);
  });

  test.each([
    ["three words", "blank"],
    ["a.b", "2 parts"],
    ["a.b.c.d.e", "encrypted"],
    ["e30.e30=.x", "padding"],
    [`${"a".repeat(9000)}.e30.x`, "8192"],
  ])("says why %p is none", async (token, reason) => {
    const refusal = await refusalOf(() => inspected(token));
    expect(refusal).toStartWith("FileError: This is no token that a server takes: ");
    expect(refusal).toContain(reason);
    expect(refusal).not.toContain(token);
  });
});

describe("a token is read", () => {
  const token = tokenOf({ sub: "alice" });
  const url = `vibectl-server://${token}@localhost:50051\n`;

  function fileOf(text: string): string {
    const file = join(freshFolder(), "token");
    writeFileSync(file, text);
    return file;
  }

  test("from a file, without the line's end, and from the URL in one", async () => {
    expect(await readToken(fileOf(`${token}\n`))).toBe(token);
    expect(await readToken(fileOf(url))).toBe(token);
  });

  test("from stdin, with - and without a name", async () => {
    expect(await readToken("-", piped(`${token}\r\n`))).toBe(token);
    expect(await readToken(undefined, piped(url))).toBe(token);
  });

  test("not where somebody sits before stdin", async () => {
    const terminal = Object.assign(piped(""), { isTTY: true });
    expect(await refusalOf(() => readToken(undefined, terminal))).toContain("UsageError: There is no token");
  });

  test.each([token, `Bearer ${token}`, url.trim(), "eyJ", "VIBECTL-SERVER-INSECURE://a@b"])(
    "not from the command line: %#",
    async (word) => {
      const refusal = await refusalOf(() => readToken(word, piped("")));
      expect(refusal).toStartWith("UsageError: A token is not taken from the command line");
      expect(refusal).not.toContain(word);
    },
  );

  test.each([
    ["nothing", "\n", "it is empty"],
    ["the word before it", `Bearer ${token}`, 'begins with "Bearer"'],
    ["a URL without one", "vibectl-server://localhost", "the URL has none"],
    ["too much", "x".repeat(100_000), "more than 65536 bytes"],
  ])("not where there is %s", async (_, text, reason) => {
    for (const read of [() => readToken(fileOf(text)), () => readToken("-", piped(text))]) {
      const refusal = await refusalOf(read);
      expect(refusal).toStartWith("FileError: ");
      expect(refusal).toContain(reason);
      expect(refusal).not.toContain(token);
    }
  });

  test("not from what can't be read", async () => {
    const folder = freshFolder();
    expect(await refusalOf(() => readToken(folder))).toContain(`${folder} can't be read: it is a folder`);
    expect(await refusalOf(() => readToken(join(folder, "none")))).toContain("none can't be read: it does not exist");
    expect(await refusalOf(() => readToken("s3cr3t-token-value"))).not.toContain("s3cr3t");
  });
});
