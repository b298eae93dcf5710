import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { loadIdentity } from "../../../../src/pki/identity/load-identity.ts";
import { now } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { chainText, identityFiles, intermediate, leaf, root, stranger } from "../identity-files.ts";

const { folder, place, certFile, keyFile } = identityFiles();

describe("an identity is refused when the certificate's file", () => {
  const derLeaf = leaf.certificate.raw;

  test.each<[string, string | Uint8Array, string, string, string?]>([
    ["is empty", "", "CERTIFICATE_MALFORMED", "is empty"],
    ["holds blanks", "\n \r\n", "CERTIFICATE_MALFORMED", "is empty"],
    ["holds some text", "hello\n", "CERTIFICATE_MALFORMED", "holds no PEM"],
    ["holds random bytes", Uint8Array.of(0, 255, 254, 1, 2), "CERTIFICATE_MALFORMED", "holds no PEM"],
    ["is DER", derLeaf, "CERTIFICATE_MALFORMED", "holds a certificate in DER", "openssl x509 -inform der"],
    ["is an archive", Buffer.from("3082000302010330", "hex"), "CERTIFICATE_MALFORMED", "holds binary data", "pkcs12"],
    ["is a key", leaf.keyText, "CERTIFICATE_MALFORMED", "holds a private key, not a certificate"],
    [
      "is a request",
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
      "CERTIFICATE_MALFORMED",
      "holds a certificate request, not a certificate",
    ],
    ["is cut off", chainText.slice(0, -40), "CERTIFICATE_MALFORMED", "lacks its END line"],
    [
      "lacks an END line in the middle",
      chainText.replace("-----END CERTIFICATE-----\n", ""),
      "CERTIFICATE_MALFORMED",
      "lacks its END line",
    ],
    [
      "has a damaged certificate",
      leaf.text + intermediate.text.replace("MII", "AAA"),
      "CERTIFICATE_MALFORMED",
      "certificate number 2 can't be decoded",
    ],
    [
      "has characters that are no base64",
      leaf.text.replace("MII", "M!I"),
      "CERTIFICATE_MALFORMED",
      "certificate number 1 can't be decoded",
    ],
    ["is of another key", stranger.text, "KEY_MISMATCH", "does not belong to the certificate"],
    [
      "has the leaf last",
      intermediate.text + leaf.text,
      "CERTIFICATE_CHAIN_BROKEN",
      "belongs to certificate number 2",
      "first",
    ],
    [
      "lacks the intermediate before the root",
      leaf.text + root.text,
      "CERTIFICATE_CHAIN_BROKEN",
      "certificate number 2 (CN=A root) did not issue number 1",
    ],
    ["holds a stranger after the leaf", chainText + stranger.text, "CERTIFICATE_CHAIN_BROKEN", "number 3"],
  ])("%s", async (_, content, code, found, hint = "") => {
    const path = place(content, "certificate");
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
    expect(error.message).toContain(found);
    expect(error.hint).toContain(hint);
  });

  test("has a key of a kind that is not known", async () => {
    const der = Buffer.from(leaf.certificate.raw);
    // The curve's identifier, prime256v1, becomes one that nobody has given out.
    der[der.indexOf(Buffer.from("06082a8648ce3d030107", "hex")) + 9] = 0x77;
    const path = place(encodePem("CERTIFICATE", der));
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.code).toBe("CERTIFICATE_MALFORMED");
    expect(error.message).toContain("certificate number 1 is damaged or of an unknown kind");
    expect(error.hint).toContain("P-256");
  });

  test("is missing", async () => {
    const error = await failureOf(loadIdentity({ certFile: join(folder, "none.crt"), keyFile, now }));
    expect(error.code).toBe("CERTIFICATE_NOT_FOUND");
    expect(error.message).toBe(`The certificate file ${join(folder, "none.crt")} does not exist`);
    expect(error.hint).toContain("--generate-certs");
  });

  test("lies below a file", async () => {
    const error = await failureOf(loadIdentity({ certFile: join(certFile, "server.crt"), keyFile, now }));
    expect(error.code).toBe("CERTIFICATE_NOT_FOUND");
  });

  test("is a folder", async () => {
    const path = join(folder, "folder.crt");
    mkdirSync(path);
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toBe(`The certificate file ${path} is a folder`);
  });

  test("is a device", async () => {
    const error = await failureOf(loadIdentity({ certFile: "/dev/zero", keyFile, now }));
    expect(error.message).toBe("The certificate file /dev/zero is no regular file");
  });

  test("is a pipe that nobody writes to", async () => {
    const path = join(folder, "pipe");
    expect(Bun.spawnSync(["mkfifo", path]).exitCode).toBe(0);
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.message).toContain("is no regular file");
  });

  test("is larger than 1 MiB", async () => {
    const path = place(chainText, "huge");
    truncateSync(path, 1024 * 1024 + 1);
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.code).toBe("CERTIFICATE_MALFORMED");
    expect(error.message).toContain("has 1048577 bytes");
  });

  test.skipIf(process.getuid?.() === 0)("may not be read", async () => {
    const path = place(chainText);
    chmodSync(path, 0);
    const error = await failureOf(loadIdentity({ certFile: path, keyFile, now }));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toContain("permission denied");
  });
});
