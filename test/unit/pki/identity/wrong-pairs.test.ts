import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, type VibectlError } from "../../../../src/errors.ts";
import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { type LoadedIdentity, loadIdentity } from "../../../../src/pki/identity/load-identity.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl } from "../openssl.ts";
import { oddPairs } from "./odd-pairs.ts";
import { passphrase } from "./openssl-files.ts";
import { at, leaf, withChangedBit } from "./pair-parties.ts";
import { type Content, type Pair, simplified } from "./pair-table.ts";
import { wrongPairs } from "./wrong-pairs.ts";

const fixtures = join(import.meta.dir, "..", "..", "..", "fixtures", "certificates");
const temporary = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const rows: readonly Pair[] = [...wrongPairs, ...oddPairs];
const wrongHere = wrongPairs.filter(({ notByRoot }) => !(notByRoot && isRoot));

const folderOf = ({ name }: Pair) => join(fixtures, name);

/** What a function makes, it gives its permissions itself. */
function place(path: string, content: Content, mode: number): void {
  if (typeof content === "function") content(path);
  else if (content !== null) {
    writeFileSync(path, content);
    chmodSync(path, mode);
  }
}

function make(row: Pair): void {
  mkdirSync(folderOf(row), { recursive: true });
  place(join(folderOf(row), "server.crt"), row.certificate, 0o644);
  place(join(folderOf(row), "server.key"), row.key, row.mode);
}

function load(row: Pair): Promise<LoadedIdentity> {
  const files = { certFile: join(folderOf(row), "server.crt"), keyFile: join(folderOf(row), "server.key") };
  return loadIdentity({ ...files, now: at, ...row.options });
}

/** The text of a file; empty for what is none, or may not be read. */
function textOf(path: string): string {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() && status.mode & 0o400 ? readFileSync(path, "utf8") : "";
}

/** What must not be seen of a pair: the base64 in each file with a private key, by line, and the passphrase. */
function secretsOf(row: Pair): string[] {
  const texts = ["server.crt", "server.key"].map((name) => textOf(join(folderOf(row), name)));
  const lines = texts.filter((text) => text.includes("PRIVATE KEY")).flatMap((text) => text.split(/\s+/));
  return [passphrase, ...lines.filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line))];
}

/** What is told of a mistake, whatever files, names and hosts it is about. */
function told(error: VibectlError, row: Pair): string {
  const message = simplified(error.message, folderOf(row))
    .replaceAll(/\b\w+\.(crt|key)\b/g, "FILE")
    .replaceAll(/CN=[\w ]+/g, "NAME")
    .replaceAll(/(\*\.)?([a-z0-9]+\.)+(org|net)\b/g, "HOST");
  return `${error.code} ${message}`;
}

describe.skipIf(!hasOpenssl)("a pair of certificate and key", () => {
  beforeAll(() => {
    rmSync(fixtures, { recursive: true, force: true });
    for (const row of rows) make(row);
  });

  // A tool that reads every file of the repository would wait for ever.
  afterAll(() => {
    for (const name of ["certificate-pipe", "key-pipe"]) rmSync(join(fixtures, name), { recursive: true, force: true });
  });

  test.each(wrongHere.map((row) => [row.name, row] as const))("is refused for what it is: %s", async (_, row) => {
    const error = await failureOf(load(row));
    expect(simplified(error.message, folderOf(row))).toBe(row.message);
    expect(error.code).toBe(row.code);
    expect(error.message).toMatch(/\/server\.(crt|key)\b/);
    expect(simplified(String(error.hint), folderOf(row))).toContain(row.hint);
    const said = `${error.message} ${error.hint} ${messageOf(error.cause)}`;
    expect(secretsOf(row).filter((secret) => said.includes(secret))).toEqual([]);
  });

  test.each(oddPairs.map((row) => [row.name, row] as const))("is served however odd it looks: %s", async (_, row) => {
    const { identity, warnings } = await load(row);
    expect(warnings.map((warning) => simplified(warning, folderOf(row)))).toEqual(
      row.warnings.map((warning) => expect.stringContaining(warning)),
    );
    expect(identity.privateKey).toStartWith("-----BEGIN PRIVATE KEY-----\n");
    expect(identity.certificateChain).not.toContain("PRIVATE KEY");
  });

  test("is told apart from every other mistake, unless the table says why it can't be", async () => {
    const first = new Map<string, string>();
    for (const row of wrongHere) {
      const text = told(await failureOf(load(row)), row);
      expect([row.name, row.alike?.row]).toEqual([row.name, first.get(text)]);
      if (!first.has(text)) first.set(text, row.name);
    }
  });

  test("is served or refused as a row is, whichever byte of it is changed", async () => {
    const files = { certFile: join(temporary, "server.crt"), keyFile: join(temporary, "server.key") };
    const key = leaf.key.export({ type: "pkcs8", format: "der" });
    const attempt = async (certificate: Uint8Array, privateKey: Uint8Array) => {
      writeFileSync(files.certFile, encodePem("CERTIFICATE", certificate));
      writeFileSync(files.keyFile, encodePem("PRIVATE KEY", privateKey), { mode: 0o600 });
      await loadIdentity({ ...files, now: at }).catch((error) => failureOf(Promise.reject(error)));
    };
    const { raw } = leaf.certificate;
    for (const position of raw.keys()) await attempt(withChangedBit(raw, position), key);
    for (const position of key.keys()) await attempt(raw, withChangedBit(key, position));
  });

  test("has a row of its own in the table", () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });
});
