import { createPrivateKey, type KeyObject } from "node:crypto";
import { CertificateError, systemCodeOf } from "../errors.ts";
import { describeBlocks, keyKindHint, malformed, type PemFile, readPemFile } from "./pem-file.ts";

/** A private key as it was read. */
export interface PrivateKeyFile {
  key: KeyObject;
  /** What the operator should know, each a sentence. */
  warnings: readonly string[];
}

/** How a private key may be read. */
export interface KeyAccess {
  /** Decrypts an encrypted key. */
  passphrase?: string | undefined;
  /** Whether a key that other users can read is used, with a warning. */
  allowLoosePermissions?: boolean | undefined;
}

const encryptedBlock = /^Proc-Type:.*ENCRYPTED/m;

function encrypted(path: string): CertificateError {
  return new CertificateError("KEY_ENCRYPTED", `The private key in ${path} is encrypted, and there is no passphrase`, {
    hint: `Put its passphrase into a file and name that, or decrypt the key into a file that only this user can read: openssl pkey -in ${path} -out NEW_FILE`,
  });
}

/** Another kind of failure with a passphrase is one too: one wrong passphrase in 256 gives bytes that look decrypted. */
function decrypt(text: string, passphrase: string, path: string): KeyObject {
  try {
    return createPrivateKey({ key: text, format: "pem", passphrase });
  } catch (cause) {
    throw new CertificateError("KEY_PASSPHRASE_WRONG", `The passphrase for the private key in ${path} is wrong`, {
      hint: "Check the passphrase: upper and lower case, and blanks or line ends around it.",
      cause,
    });
  }
}

/**
 * The private key of a PEM file: PKCS#8 (RFC 5958), encrypted or not, PKCS#1 (RFC 8017) or SEC 1 (RFC 5915). Blocks of
 * another kind are passed over.
 *
 * @param passphrase - Decrypts the key where it is encrypted.
 * @throws CertificateError KEY_ENCRYPTED, KEY_PASSPHRASE_WRONG, or KEY_MALFORMED when there is no key, more than one, or
 * one that can't be decoded.
 */
export function privateKeyOf(file: PemFile, passphrase?: string): KeyObject {
  const [block, ...others] = file.blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) throw malformed(file, `holds ${describeBlocks(file.blocks)}, not a private key`);
  if (others.length > 0) throw malformed(file, `holds ${others.length + 1} private keys; which one is meant?`);
  if (block.label.startsWith("OPENSSH")) throw malformed(file, "holds a key for SSH, not for TLS");
  if (block.label === "ENCRYPTED PRIVATE KEY" || encryptedBlock.test(block.text)) {
    if (passphrase === undefined) throw encrypted(file.path);
    return decrypt(block.text, passphrase, file.path);
  }
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    if (systemCodeOf(cause) === "ERR_MISSING_PASSPHRASE") throw encrypted(file.path);
    throw malformed(file, "can't be used: its private key is damaged or of an unknown kind", keyKindHint, cause);
  }
}

/**
 * Makes sure that nobody else can read a file with a private key.
 *
 * @returns What to tell where it is allowed all the same.
 * @throws CertificateError KEY_EXPOSED where it is not allowed.
 */
export function checkExposure({ path, exposed }: PemFile, { allowLoosePermissions }: KeyAccess): string[] {
  if (!exposed) return [];
  const found = `${path} holds a private key, and other users can read it`;
  if (allowLoosePermissions) return [`${found}: chmod 600 ${path}`];
  throw new CertificateError("KEY_EXPOSED", found, {
    hint: `chmod 600 ${path}; where its mode can't be changed, --allow-loose-permissions takes it with a warning.`,
  });
}

/**
 * Reads the private key of a PEM file.
 *
 * @throws CertificateError when the file is missing, holds no usable key, or can be read by others.
 * @throws FileError when it can't be read or is no file.
 */
export async function readPrivateKey(path: string, access: KeyAccess = {}): Promise<PrivateKeyFile> {
  const file = await readPemFile(path, "key");
  const warnings = checkExposure(file, access);
  return { key: privateKeyOf(file, access.passphrase), warnings };
}
