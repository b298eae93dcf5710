import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findToken, readClaims } from "../../../src/client/token.ts";
import { CheckError, FileError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const none = { token: undefined };

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function jwt(claims: unknown): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.c2ln`;
}

async function refusal(attempt: Promise<unknown>): Promise<Error & { hint?: string | undefined }> {
  return attempt.then(
    () => Promise.reject(new Error("it was taken")),
    (error) => error,
  );
}

describe("the token of a call", () => {
  test("comes from the file, else the URL, else the variable", async () => {
    const jwtPath = fileWith("alice.jwt", "from-file\n");
    const url = { token: "from-url" };
    const environment = { VIBECTL_JWT_TOKEN: "from-variable" };
    expect(await findToken({ url, jwtPath, environment })).toEqual({
      value: "from-file",
      source: `the file ${jwtPath}`,
    });
    expect(await findToken({ url, environment })).toEqual({ value: "from-url", source: "the URL", fromUrl: true });
    expect(await findToken({ url: none, environment })).toEqual({
      value: "from-variable",
      source: "VIBECTL_JWT_TOKEN",
    });
    expect(await findToken({ url: none, environment: { VIBECTL_JWT_TOKEN: "" } })).toBeUndefined();
  });

  test("is not sought elsewhere when its file is missing", async () => {
    const jwtPath = join(folder, "nobody.jwt");
    const error = await refusal(findToken({ url: { token: "x" }, jwtPath, environment: {} }));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe(`The token file ${jwtPath} does not exist`);
    expect(error.hint).toContain("generate-token");
  });

  test("can't be a folder", async () => {
    const jwtPath = join(folder, "folder");
    mkdirSync(jwtPath);
    const error = await refusal(findToken({ url: none, jwtPath, environment: {} }));
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain("it is a folder");
  });

  test.each([
    ["", "it is empty"],
    [" \n", "it is empty"],
    ["Bearer secret-1234", 'begins with "Bearer"'],
    ["secret-1234\nsecret-1234\n", "spaces, lines or characters"],
    ["secret-1234-é", "spaces, lines or characters"],
  ])("is refused when the file holds none, and never shown (%#)", async (text, problem) => {
    const error = await refusal(findToken({ url: none, jwtPath: fileWith("bad.jwt", text), environment: {} }));
    expect(error).toBeInstanceOf(CheckError);
    expect(error.message).toContain(problem);
    expect(`${error.message} ${error.hint}`).not.toContain("1234");
  });
});

describe("what a token says", () => {
  test("is read without its secret", () => {
    expect(readClaims(jwt({ sub: "alice", iss: "vibectl-server", exp: 1_800_000_000, nbf: 1_700_000_000.5 }))).toEqual({
      subject: "alice",
      issuer: "vibectl-server",
      expiresAt: new Date(1_800_000_000_000),
      notBefore: new Date(1_700_000_000_500),
    });
  });

  test("may be nothing, or of the wrong type", () => {
    const nothing = { subject: undefined, issuer: undefined, expiresAt: undefined, notBefore: undefined };
    expect(readClaims(jwt({}))).toEqual(nothing);
    expect(readClaims(jwt({ sub: 1, iss: [], exp: "soon", nbf: 1e300 }))).toEqual(nothing);
  });

  test.each(["", "secret", "a.b", "a.b.c", `${jwt({})}.more`, jwt(null), jwt("text"), ".e30.x", "e30.!.x"])(
    "is unknown when it is no JWT (%#)",
    (token) => {
      expect(readClaims(token)).toBeUndefined();
    },
  );
});
