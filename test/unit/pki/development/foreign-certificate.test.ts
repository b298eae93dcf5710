import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { daysFromNow, makeParty, makeRoot, now, type Party } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { authorityName, ensure, expectConsistent, freshDirectories, issue, snapshot } from "./development-folder.ts";

const freshDirectory = freshDirectories();

const foreignRoot = await makeRoot("Another root");

async function placeForeign(directory: string, hosts = ["localhost"], at = now): Promise<Party> {
  const party = await makeParty({ commonName: "foreign", hosts, issuer: foreignRoot, at });
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "server.crt"), party.text);
  writeFileSync(join(directory, "server.key"), party.keyText, { mode: 0o600 });
  return party;
}

describe("a certificate that is not ours", () => {
  test("is used while it is valid and covers the hosts, and nothing is written", async () => {
    const directory = freshDirectory();
    const { text } = await placeForeign(directory, ["localhost", "*.example.org"]);
    const before = snapshot(directory);
    const kept = await ensure(directory, { hosts: ["localhost", "a.example.org", "0.0.0.0"] });
    expect(kept).toMatchObject({ outcome: "kept", issuedHere: false, bundleFile: undefined });
    expect(kept.identity.certificateChain).toBe(text);
    expect(snapshot(directory)).toEqual(before);
  });

  test("has the bundle beside it as trust root where it ends there", async () => {
    const directory = freshDirectory();
    await placeForeign(directory);
    writeFileSync(join(directory, "ca-bundle.crt"), foreignRoot.text);
    expect((await ensure(directory)).bundleFile).toBe(join(directory, "ca-bundle.crt"));
  });

  test("has itself as trust root where it signed itself, as the Python server's did", async () => {
    const directory = freshDirectory();
    const own = await makeParty({ commonName: "localhost", hosts: ["localhost"] });
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "server.crt"), own.text);
    writeFileSync(join(directory, "server.key"), own.keyText, { mode: 0o600 });
    expect(await ensure(directory)).toMatchObject({ issuedHere: false, bundleFile: join(directory, "server.crt") });
  });

  test.each<[string, string, (directory: string) => Promise<unknown>]>([
    ["has expired", "CERTIFICATE_EXPIRED", (directory) => placeForeign(directory, ["localhost"], now)],
    [
      "covers another host",
      "CERTIFICATE_HOST_MISMATCH",
      (directory) => placeForeign(directory, ["other.example"], daysFromNow(390)),
    ],
    [
      "has another key",
      "KEY_MISMATCH",
      async (directory) => {
        await placeForeign(directory, ["localhost"], daysFromNow(390));
        const { keyText } = await makeParty({ commonName: "other" });
        writeFileSync(join(directory, "server.key"), keyText, { mode: 0o600 });
      },
    ],
    [
      "has no key",
      "KEY_NOT_FOUND",
      async (directory) => {
        await placeForeign(directory, ["localhost"], daysFromNow(390));
        rmSync(join(directory, "server.key"));
      },
    ],
    [
      "is damaged",
      "CERTIFICATE_MALFORMED",
      async (directory) => {
        await placeForeign(directory);
        writeFileSync(join(directory, "server.crt"), "damaged");
      },
    ],
  ])("and %s is refused and left alone, and replaced by force", async (_, code, prepare) => {
    const directory = freshDirectory();
    await prepare(directory);
    const before = snapshot(directory);
    const at = daysFromNow(400);
    const error = await failureOf(ensure(directory, { now: at }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(directory);
    expect(error.hint).toContain("vibectl-server generate-certs --force");
    await failureOf(issue(directory, { now: at }));
    expect(snapshot(directory)).toEqual(before);

    const forced = await issue(directory, { now: at, force: true });
    expect(forced).toMatchObject({ outcome: "reissued", issuedHere: true });
    expect(snapshot(directory)["server.key"]).not.toBe(before["server.key"] ?? "");
    expectConsistent(directory);
    expect((await ensure(directory, { now: at })).outcome).toBe("kept");
  });

  test("is never replaced on demand without force, however good a new one would be", async () => {
    const directory = freshDirectory();
    await placeForeign(directory);
    const before = snapshot(directory);
    const error = await failureOf(issue(directory));
    expect(error).toMatchObject({ code: "CERTIFICATE_FOREIGN", hint: expect.stringContaining("--force") });
    expect(error.message).toContain(join(directory, "server.crt"));
    expect(snapshot(directory)).toEqual(before);
  });

  test("and lies elsewhere is replaced by a command that names it", async () => {
    const place = freshDirectory();
    await placeForeign(place);
    const files = { certFile: join(place, "server.crt"), keyFile: join(place, "server.key") };
    const { hint } = await failureOf(ensure(freshDirectory(), { ...files, hosts: ["new.example"] }));
    expect(hint).toContain(`generate-certs --force --cert-file ${files.certFile} --key-file ${files.keyFile}`);
  });

  test("but bears our CA's name is not ours", async () => {
    const directory = freshDirectory();
    await ensure(directory);
    const impostor = await makeParty({ commonName: "x", hosts: ["localhost"], issuer: await makeRoot(authorityName) });
    writeFileSync(join(directory, "server.crt"), impostor.text);
    writeFileSync(join(directory, "server.key"), impostor.keyText);
    expect((await failureOf(issue(directory))).code).toBe("CERTIFICATE_FOREIGN");
  });
});
