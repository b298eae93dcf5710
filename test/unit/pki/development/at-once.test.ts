import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeParty, makeRoot } from "../authorities.ts";
import { ensure, expectConsistent, freshDirectories, issue } from "./development-folder.ts";

const freshDirectory = freshDirectories();

const times = Array.from({ length: 8 }, (_, index) => index);

describe("at once", () => {
  test("several calls in an empty folder end with one CA and a pair that fits", async () => {
    const directory = freshDirectory();
    const ensured = times.map(() => ensure(directory));
    const results = await Promise.all(ensured);
    expectConsistent(directory);
    const root = new X509Certificate(readFileSync(join(directory, "ca-bundle.crt"), "utf8"));
    for (const { identity } of results) {
      const leaf = new X509Certificate(identity.certificateChain);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(identity.privateKey))).toBe(true);
    }
  });

  test("several calls by force over a foreign pair do too", async () => {
    const directory = freshDirectory();
    const foreign = await makeParty({ commonName: "x", hosts: ["localhost"], issuer: await makeRoot("Another") });
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "server.crt"), foreign.text);
    writeFileSync(join(directory, "server.key"), foreign.keyText, { mode: 0o600 });
    await Promise.all(times.map(() => issue(directory, { force: true })));
    expectConsistent(directory);
  });

  test("several calls after the key was lost do too", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    rmSync(join(directory, "server.key"));
    await Promise.all(times.map(() => ensure(directory)));
    expectConsistent(directory);
  });

  test("several processes in an empty folder do too", async () => {
    const directory = freshDirectory();
    const script = join(import.meta.dir, "ensure-once.ts");
    const children = times
      .slice(0, 4)
      .map(() => Bun.spawn([process.execPath, script, directory], { stdout: "pipe", stderr: "pipe" }));
    const codes = await Promise.all(
      children.map(async (child) => [await child.exited, await new Response(child.stderr).text()]),
    );
    expect(codes).toEqual(children.map(() => [0, ""]));
    expectConsistent(directory);
  });
});
