import { createPrivateKey, type KeyObject } from "node:crypto";
import { CertificateError, systemCodeOf } from "../../errors.ts";
import type { PemBlock } from "../encoding/pem.ts";
import { bytesOf } from "../encoding/pem-damage.ts";
import { unknownPrivateKind } from "./key-kinds.ts";
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

/** Ciphers and key derivations that the runtime lacks. */
const unknownEncryption = /^ERR_OSSL_(PEM_)?(UNSUPPORTED_(KEY_DERIVATION|CIPHER|PRF|ENCRYPTION)|UNKNOWN_ALGORITHM)/;

/** What was decrypted is a key, and not one that the runtime can read. */
const unknownKey = /^ERR_OSSL_EVP_UNSUPPORTED_ALGORITHM/;

/** How a passphrase that does not fit looks, without a character of it. */
function describePassphrase(passphrase: string): string {
  if (passphrase === "") return "empty";
  return passphrase.trim() === passphrase ? "wrong" : "wrong; there are blanks or line ends around it";
}

/** Another kind of failure with a passphrase is one too: one wrong passphrase in 256 gives bytes that look decrypted. */
function decrypt({ text, label }: PemBlock, passphrase: string, path: string): KeyObject {
  try {
    return createPrivateKey({ key: text, format: "pem", passphrase });
  } catch (cause) {
    const reason = systemCodeOf(cause) ?? "";
    if (unknownEncryption.test(reason)) {
      const way = reason
        .replace(/^ERR_OSSL_(PEM_)?/, "")
        .toLowerCase()
        .replaceAll("_", " ");
      const found = `The private key in ${path} is encrypted in a way that this server can't undo (${way})`;
      throw new CertificateError("KEY_UNSUPPORTED", found, {
        hint: `Encrypt it in another way: openssl pkcs8 -topk8 -v2 aes-256-cbc -in ${path} -out NEW_FILE`,
        cause,
      });
    }
    if (label === "ENCRYPTED PRIVATE KEY" && unknownKey.test(reason)) {
      const found = `The private key in ${path} can be decrypted, and then is of an unknown kind`;
      throw new CertificateError("KEY_UNSUPPORTED", found, { hint: keyKindHint, cause });
    }
    const wrong = `The passphrase for the private key in ${path} is ${describePassphrase(passphrase)}`;
    throw new CertificateError("KEY_PASSPHRASE_WRONG", wrong, {
      hint: "Check the passphrase: upper and lower case, and blanks or line ends around it.",
      cause,
    });
  }
}

/** The label that a key ought to have; undefined where it can't be read by any. */
function rightLabel(block: PemBlock): string | undefined {
  const key = Buffer.from(bytesOf(block) ?? []);
  for (const type of ["pkcs8", "pkcs1"] as const) {
    try {
      // The runtime reads SEC 1 as PKCS#1, too.
      const { asymmetricKeyType } = createPrivateKey({ key, format: "der", type });
      return type === "pkcs8" ? "PRIVATE KEY" : `${asymmetricKeyType?.toUpperCase()} PRIVATE KEY`;
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
    }
  }
  return undefined;
}

/** Says why a key can't be read. */
function describeFailure(file: PemFile, block: PemBlock, cause: unknown): CertificateError {
  const label = rightLabel(block);
  if (label !== undefined && label !== block.label) {
    const hint = `Write ${label} instead into its BEGIN and END lines.`;
    return malformed(file, `can't be used: its private key is none of the kind "${block.label}"`, hint, cause);
  }
  return malformed(file, "can't be used: its private key is damaged or of an unknown kind", keyKindHint, cause);
}

/**
 * The private key of a PEM file: PKCS#8 (RFC 5958), encrypted or not, PKCS#1 (RFC 8017) or SEC 1 (RFC 5915). Blocks of
 * another kind are passed over.
 *
 * @param passphrase - Decrypts the key where it is encrypted.
 * @throws CertificateError KEY_ENCRYPTED, KEY_PASSPHRASE_WRONG, KEY_UNSUPPORTED, or KEY_MALFORMED when there is no key, more
 * than one, or one that can't be decoded.
 */
export function privateKeyOf(file: PemFile, passphrase?: string): KeyObject {
  const [block, ...others] = file.blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (!block) throw malformed(file, `holds ${describeBlocks(file.blocks)}, not a private key`);
  if (others.length > 0) {
    const hint = "Leave only the key of the server's certificate in it.";
    throw malformed(file, `holds ${others.length + 1} private keys; which one is meant?`, hint);
  }
  if (block.label.startsWith("OPENSSH")) throw malformed(file, "holds a key for SSH, not for TLS");
  if (block.label === "ENCRYPTED PRIVATE KEY" || encryptedBlock.test(block.text)) {
    if (passphrase === undefined) throw encrypted(file.path);
    return decrypt(block, passphrase, file.path);
  }
  try {
    return createPrivateKey(block.text);
  } catch (cause) {
    if (systemCodeOf(cause) === "ERR_MISSING_PASSPHRASE") throw encrypted(file.path);
    throw describeFailure(file, block, cause);
  }
}

/** Says of a key that could not be read that its kind is the reason, where it is. */
function refuseKind({ path, blocks }: PemFile): void {
  for (const block of blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"))) {
    const kind = unknownPrivateKind(block);
    if (kind === undefined) continue;
    const found = `The private key in ${path} is of the kind ${kind}, which this server can't use`;
    throw new CertificateError("KEY_UNSUPPORTED", found, { hint: keyKindHint });
  }
}

/**
 * Makes sure that nobody else can read a file with a private key.
 *
 * @returns What to tell where it is allowed all the same.
 * @throws CertificateError KEY_EXPOSED where it is not allowed.
 */
export function checkExposure({ path, mode, exposed }: PemFile, { allowLoosePermissions }: KeyAccess): string[] {
  if (!exposed) return [];
  const use = mode & 0o044 ? "read" : mode & 0o022 ? "write" : "run";
  const found = `${path} holds a private key and has mode ${mode.toString(8)}: other users can ${use} it`;
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
  try {
    return { key: privateKeyOf(file, access.passphrase), warnings };
  } catch (error) {
    if (error instanceof CertificateError && error.code === "KEY_MALFORMED") refuseKind(file);
    throw error;
  }
}
