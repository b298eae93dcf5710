import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renewIntermediate, renewLeaves } from "../../../../src/pki/private-ca/private-ca-renewal.ts";
import { readCrlFile } from "../../../../src/pki/revocation/crl-file.ts";
import { failureOf } from "../failure.ts";
import { createClient, createServer, renewal, snapshot } from "./private-folder.ts";
import { freshAuthorities, revoke } from "./revoke.ts";

const { freshDirectory, makeCa } = freshAuthorities();

describe("the certificate to revoke is found", () => {
  test.each([
    ["*.A.example", "_wildcard.a.example"],
    ["_wildcard.a.example", "_wildcard.a.example"],
    ["[0::1]", "--1"],
    ["--1", "--1"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["bücher.example.", "xn--bcher-kva.example"],
  ])("as %s in the folder %s", async (name, folder) => {
    const directory = await makeCa();
    for (const host of ["*.a.example", "::1", "bücher.example"]) await createServer(directory, [host]);
    const { kind, place } = await revoke(directory, name);
    expect(kind).toBe("server");
    expect(place).toStartWith(join(directory, "revoked", `${folder}-`));
    expect(existsSync(join(place, `${folder}.key`))).toBe(true);
    expect(existsSync(join(directory, "server_certs", folder))).toBe(false);
  });

  test.each(["bob", "Alice", "../alice", "", "."])("never as %j, and nothing is written", async (name) => {
    const directory = await makeCa();
    await createClient(directory);
    const before = snapshot(directory);
    const error = await failureOf(revoke(directory, name));
    expect([error.code, error.hint]).toEqual(["CERTIFICATE_NOT_FOUND", expect.stringContaining("ca status")]);
    expect(snapshot(directory)).toEqual(before);
  });

  test("never a second time", async () => {
    const directory = await makeCa();
    await createClient(directory);
    await revoke(directory, "alice");
    expect((await failureOf(revoke(directory, "alice"))).code).toBe("CERTIFICATE_NOT_FOUND");
  });

  test("only where it is said which, of a client and a server of the same name", async () => {
    const directory = await makeCa();
    const name = "both.example";
    await createClient(directory, name);
    await createServer(directory, [name]);
    const before = snapshot(directory);
    const error = await failureOf(revoke(directory, name));
    expect([error.code, error.message]).toEqual(["CERTIFICATE_EXISTS", expect.stringContaining(`"${name}"`)]);
    expect(error.hint).toContain("--kind client");
    expect(snapshot(directory)).toEqual(before);
    expect((await revoke(directory, name, { kind: "server" })).kind).toBe("server");
    expect(existsSync(join(directory, "client_certs", name, `${name}.key`))).toBe(true);
    expect((await revoke(directory, name)).kind).toBe("client");
  });

  test("by its folder rather than by a host whose folder is called otherwise", async () => {
    const directory = await makeCa();
    const { certFile, keyFile } = await createServer(directory, ["bücher.example"]);
    const folder = join(directory, "server_certs/bücher.example");
    mkdirSync(folder);
    copyFileSync(certFile, join(folder, "bücher.example.crt"));
    copyFileSync(keyFile, join(folder, "bücher.example.key"));
    const renewed = await renewLeaves({ by: "name", name: "bücher.example" }, renewal(directory));
    expect(renewed).toMatchObject([{ kind: "server", name: "bücher.example", outcome: "renewed" }]);
    const { place } = await revoke(directory, "bücher.example");
    expect(place).toStartWith(join(directory, "revoked", "bücher.example-"));
    expect(existsSync(certFile)).toBe(true);
  });

  test("never where there is no CA; nor is a folder made", async () => {
    const directory = freshDirectory();
    expect((await failureOf(revoke(directory, "alice"))).code).toBe("CA_NOT_FOUND");
    expect(existsSync(directory)).toBe(false);
  });
});

describe("a list that is gone", () => {
  const serialsOf = async (directory: string) => {
    const { lists } = await readCrlFile(join(directory, "crl.pem"));
    return lists.flatMap(({ revoked }) => [...revoked.keys()]).sort();
  };

  test("is made again from what was revoked, with what certificates were before they were renewed", async () => {
    const directory = await makeCa();
    for (const name of ["alice", "bob"]) await createClient(directory, name);
    await renewLeaves({ by: "all" }, renewal(directory));
    await revoke(directory, "alice");
    const before = await serialsOf(directory);
    expect(before).toHaveLength(2);
    rmSync(join(directory, "crl.pem"));
    await revoke(directory, "bob");
    const after = await serialsOf(directory);
    expect(after).toHaveLength(4);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  test("is made again when the intermediate is renewed", async () => {
    const directory = await makeCa();
    await createClient(directory);
    await revoke(directory, "alice");
    const before = await serialsOf(directory);
    rmSync(join(directory, "crl.pem"));
    await renewIntermediate(renewal(directory));
    expect(before).toHaveLength(1);
    expect(await serialsOf(directory)).toEqual(before);
  });
});

describe("a list that is there and can't be read", () => {
  const broken = (directory: string) => {
    const text = readFileSync(join(directory, "crl.pem"), "utf8");
    return { text, der: Buffer.from(text.split("-----")[2] ?? "", "base64") };
  };
  const pem = (der: Uint8Array) =>
    `-----BEGIN X509 CRL-----\n${Buffer.from(der).toString("base64")}\n-----END X509 CRL-----\n`;

  test.each<[what: string, damage: (list: ReturnType<typeof broken>) => string]>([
    ["that is empty", () => ""],
    ["that is no list", () => "damaged"],
    ["that is cut off", ({ text }) => text.slice(0, 200)],
    ["whose DER is cut off", ({ der }) => pem(der.subarray(0, 60))],
    ["whose DER is something else", () => pem(Buffer.from("3003020101", "hex"))],
  ])("%s is an error that names it, and keeps everything as it is", async (_, damage) => {
    const directory = await makeCa();
    for (const name of ["alice", "bob"]) await createClient(directory, name);
    await revoke(directory, "alice");
    const crlFile = join(directory, "crl.pem");
    writeFileSync(crlFile, damage(broken(directory)));
    const before = snapshot(directory);
    const error = await failureOf(revoke(directory, "bob"));
    expect([error.code, error.message]).toEqual(["CRL_MALFORMED", expect.stringContaining(crlFile)]);
    expect(snapshot(directory)).toEqual(before);
  });
});
