import { createPrivateKey, type KeyObject } from "node:crypto";
import { CertificateError } from "../errors.ts";
import { describeBlocks, keyKindHint, malformed, type PemFile, readPemFile } from "./pem-file.ts";

/** A private key as it was read. */
export interface PrivateKeyFile {
  key: KeyObject;
  /** What the operator should know, each a sentence. */
  warnings: readonly string[];
}

/**
 * The private key of a PEM file: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915). Blocks of another kind are
 * passed over.
 *
 * @throws CertificateError KEY_ENCRYPTED, or KEY_MALFORMED when there is no key, more than one, or one that can't be
 * decoded.
 */
export function privateKeyOf(file: PemFile): KeyObject {
  const [block, ...others] = file.blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) throw malformed(file, `holds ${describeBlocks(file.blocks)}, not a private key`);
  if (others.length > 0) throw malformed(file, `holds ${others.length + 1} private keys; which one is meant?`);
  if (block.label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type:.*ENCRYPTED/m.test(block.text)) {
    throw new CertificateError("KEY_ENCRYPTED", `The private key in ${file.path} is encrypted`, {
      hint: `Decrypt it into a file that only this user can read: openssl pkey -in ${file.path} -out NEW_FILE`,
    });
  }
  if (block.label.startsWith("OPENSSH")) throw malformed(file, "holds a key for SSH, not for TLS");
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    throw malformed(file, "can't be used: its private key is damaged or of an unknown kind", keyKindHint, cause);
  }
}

/** What to tell of a key that others can read. */
export function exposureWarnings(file: PemFile): string[] {
  return file.exposed ? [`${file.path} holds a private key and other users can read it: chmod 600 ${file.path}`] : [];
}

/**
 * Reads the private key of a PEM file.
 *
 * @throws CertificateError when the file is missing or holds no usable key.
 * @throws FileError when it can't be read or is no file.
 */
export async function readPrivateKey(path: string): Promise<PrivateKeyFile> {
  const file = await readPemFile(path, "key");
  return { key: privateKeyOf(file), warnings: exposureWarnings(file) };
}

/** A private key in PKCS#8 PEM. */
export function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
