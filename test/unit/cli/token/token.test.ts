import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../temporary-folder.ts";

const home = temporaryFolder();
const main = join(import.meta.dir, "..", "..", "..", "..", "src", "main.ts");

async function run(words: readonly string[], stdin = "") {
  const child = Bun.spawn([process.execPath, main, ...words], {
    env: { HOME: home, PATH: process.env.PATH },
    stdin: Buffer.from(stdin),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, code };
}

test("a token goes its way from the command line: issued, checked, listed, revoked", async () => {
  const flags = ["--scope", "info,execute", "--model=anthropic/*", "--model", "echo", "--expires-in", "2h"];
  const created = await run(["token", "create", "alice", ...flags]);
  expect(created).toMatchObject({ code: 0, err: expect.stringContaining("The token of alice is valid until") });
  const token = created.out.trim();

  const verified = await run(["token", "verify", "-", "--json"], token);
  expect(verified.code).toBe(0);
  expect(JSON.parse(verified.out)).toMatchObject({ accepted: true, models: ["anthropic/*", "echo"] });
  const inspected = await run(["token", "inspect"], token);
  expect(inspected).toMatchObject({ code: 0, out: expect.stringContaining("alice") });
  expect((await run(["token", "list"])).out).toMatch(/alice.*valid/);

  expect((await run(["token", "revoke", "alice", "--reason", "lost"])).out).toContain("1 token that was valid");
  expect(await run(["token", "verify"], token)).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("error: The token would be refused: the token was revoked at"),
  });
  expect(await run(["token", "verify", "--json"], token)).toMatchObject({
    code: 1,
    out: expect.stringContaining('"accepted": false'),
  });
}, 20_000);

test("generate-token is the same under the Python server's name, and its token outlives a rotation", async () => {
  const file = join(home, "ci.jwt");
  expect(await run(["generate-token", "ci-bot", "--expires-in", "6m", "--output", file])).toMatchObject({
    code: 0,
    out: "",
    err: expect.stringContaining("minutes are written 30min"),
  });
  expect(await run(["token", "rotate-secret", "--overlap", "1d"])).toMatchObject({ code: 0 });
  expect((await run(["token", "verify", file])).code).toBe(0);
  expect(await run(["token", "rotate-secret", "--overlap", "0"])).toMatchObject({ code: 0 });
  expect((await run(["token", "verify", file])).code).toBe(1);
  expect(readFileSync(file, "utf8")).toMatch(/^eyJ.*\n$/);
}, 20_000);

test("a wrong command line ends with 2 and prints no token", async () => {
  for (const words of [
    ["token", "create", "alice", "--expires-in", "soon"],
    ["token", "create"],
    ["token", "verify", "eyJhbGciOiJIUzI1NiJ9.e30.x"],
    ["token", "rotate-secret", "--overlap", "-1d"],
  ]) {
    const { code, out, err } = await run(words);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("error: ");
    expect(err).not.toContain("eyJ");
  }
}, 20_000);

test("a secret stands alone on stdout", async () => {
  const { code, out, err } = await run(["generate-secret"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^[\w-]{86}\n$/);
});
