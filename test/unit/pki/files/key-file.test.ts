import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadIdentity } from "../../../../src/pki/identity/load-identity.ts";
import { now } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { chainText, identityFiles, leaf, rsaKey, stranger } from "../identity-files.ts";

const { folder, place, certFile } = identityFiles();

describe("an identity is refused when the key's file", () => {
  const encrypted = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
  const oldEncryption = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n";

  test.each<[string, string | Uint8Array, string, string]>([
    ["is empty", "", "KEY_MALFORMED", "is empty"],
    ["holds some text", "hello", "KEY_MALFORMED", "holds no PEM"],
    [
      "is DER",
      Uint8Array.from(leaf.key.export({ type: "sec1", format: "der" })),
      "KEY_MALFORMED",
      "holds a private key in DER",
    ],
    ["is a certificate", chainText, "KEY_MALFORMED", "holds a certificate, not a private key"],
    [
      "is a public key",
      "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
      "KEY_MALFORMED",
      "holds a public key, not a private key",
    ],
    [
      "is for SSH",
      "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
      "KEY_MALFORMED",
      "holds a key for SSH",
    ],
    ["holds two keys", leaf.keyText + stranger.keyText, "KEY_MALFORMED", "holds 2 private keys"],
    ["is cut off", leaf.keyText.slice(0, -30), "KEY_MALFORMED", "lacks its END line"],
    [
      "is damaged",
      leaf.keyText.replace(/\nM[^\n]{8}/, "\nMAAAAAAAA"),
      "KEY_MALFORMED",
      "damaged or of an unknown kind",
    ],
    ["is encrypted", leaf.key.export(encrypted).toString(), "KEY_ENCRYPTED", "is encrypted"],
    [
      "is encrypted as OpenSSL did it once",
      `${oldEncryption}-----END EC PRIVATE KEY-----\n`,
      "KEY_ENCRYPTED",
      "is encrypted",
    ],
    ["is of another certificate", stranger.keyText, "KEY_MISMATCH", "does not belong to the certificate"],
    ["is of another kind", rsaKey.export({ type: "pkcs8", format: "pem" }).toString(), "KEY_MISMATCH", certFile],
  ])("%s", async (_, content, code, found) => {
    const path = place(content, "key");
    const error = await failureOf(loadIdentity({ certFile, keyFile: path, now }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(path);
    expect(error.message).toContain(found);
  });

  test("is missing", async () => {
    const error = await failureOf(loadIdentity({ certFile, keyFile: join(folder, "none.key"), now }));
    expect(error.code).toBe("KEY_NOT_FOUND");
    expect(error.message).toBe(`The private key file ${join(folder, "none.key")} does not exist`);
  });

  test("is a folder", async () => {
    const path = join(folder, "folder.key");
    mkdirSync(path);
    const error = await failureOf(loadIdentity({ certFile, keyFile: path, now }));
    expect(error.message).toBe(`The private key file ${path} is a folder`);
  });
});
