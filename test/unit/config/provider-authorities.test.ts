import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAuthorities } from "../../../src/config/provider-authorities.ts";
import { VibectlError } from "../../../src/errors.ts";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const { cert: certificate, key } = new OpensslCa(folder, "corporate");
/** What has a label of PEM and nothing behind it. */
const labelled = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
let count = 0;

async function read(content: string | Uint8Array): Promise<string> {
  const file = join(folder, `${count++}.pem`);
  writeFileSync(file, content);
  return await readAuthorities(file, "providers.a.ca_file");
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.catch((thrown: unknown) => thrown);
  if (!(error instanceof VibectlError)) throw new Error("it was not refused");
  expect(error.hint).not.toBe("");
  return `${error.name}: ${error.message}`.replaceAll(folder, "FOLDER");
}

describe("CAs are read", () => {
  test("as they are, one or several, without the text around them", async () => {
    expect(await read(certificate)).toBe(certificate);
    expect(await read(`# ours\r\n${certificate.replaceAll("\n", "\r\n")}\ntext\n${certificate}`)).toContain("END");
    expect((await read(`a: b\n${certificate}c\n${certificate}`)).match(/BEGIN/g)).toHaveLength(2);
    expect(await read(`${certificate}${key}`)).toBe(certificate);
  });

  test("from the bundle of a whole system", async () => {
    const bundle = "/etc/ssl/certs/ca-certificates.crt";
    if (!existsSync(bundle)) return;
    const text = await readAuthorities(bundle, "providers.a.ca_file");
    expect(text.match(/BEGIN/g)?.length).toBe(readFileSync(bundle, "utf8").match(/BEGIN CERTIFICATE/g)?.length);
  });
});

describe("what holds no CA is refused:", () => {
  const begin = "ConfigurationError: providers.a.ca_file names FOLDER/";
  test.each<[what: string, content: string | Uint8Array, problem: string]>([
    ["nothing", "", "is empty"],
    ["blanks", " \n\n", "is empty"],
    ["other text", "<html></html>", "holds no certificate in PEM"],
    ["DER", new Uint8Array([0x30, 0x82, 1, 2, 3]), "holds no certificate in PEM"],
    ["a private key", key, "holds a private key and no certificate"],
    ["a request", labelled("CERTIFICATE REQUEST"), "holds a request and no certificate"],
    ["revocation lists", labelled("X509 CRL"), "holds no certificate"],
    ["half a certificate", certificate.slice(0, certificate.length / 2), "holds a certificate that has no end"],
    [
      "a certificate of random bytes",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "holds a certificate that can't be read",
    ],
    [
      "a damaged one among others",
      `${certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      "holds 2 certificates, of which number 2 can't be read",
    ],
  ])("%s", async (_what, content, problem) => {
    const refusal = await refusalOf(read(content));
    expect(refusal).toStartWith(begin);
    expect(refusal).toEndWith(`.pem, which ${problem}`);
  });

  test("a file that is not there, and a folder", async () => {
    const missing = await refusalOf(readAuthorities(join(folder, "none"), "VARIABLE"));
    expect(missing).toBe("FileError: VARIABLE names FOLDER/none, which can't be read: it does not exist");
    mkdirSync(join(folder, "folder"));
    const place = await refusalOf(readAuthorities(join(folder, "folder"), "VARIABLE"));
    expect(place).toBe("FileError: VARIABLE names FOLDER/folder, which can't be read: it is a folder");
  });

  test("what is a secret in the place of the file's name, which is not repeated", async () => {
    expect(await refusalOf(readAuthorities("sk-hunter2canary", "providers.a.ca_file"))).not.toContain("hunter2");
  });
});
