import { X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { DerError } from "../encoding/der.ts";
import { describeLabel, type PemBlock, parsePem } from "../encoding/pem.ts";
import { bytesOf, describeDamage, describeTear } from "../encoding/pem-damage.ts";
import { type FileRole, readRoleFile } from "../files/role-file.ts";
import { type Crl, decodeCrl, UnsupportedCrlError } from "./crl.ts";

const wanted = "Name a file with revocation lists: PEM blocks `X509 CRL`, or one list in DER.";

const role: FileRole = {
  name: "revocation list file",
  missing: "CRL_NOT_FOUND",
  malformed: "CRL_MALFORMED",
  // Some 400,000 revoked certificates.
  largest: 16 * 1024 * 1024,
  missingHint: "Check the path, and that the CA's list has been fetched to it.",
  wanted,
};

/**
 * An error that says what is wrong with a file of revocation lists.
 *
 * @param found - To follow the file's name.
 */
function malformed(path: string, found: string, hint = wanted, cause?: unknown): CertificateError {
  return new CertificateError("CRL_MALFORMED", `The revocation list file ${path} ${found}`, { hint, cause });
}

function decode(bytes: Uint8Array, path: string, number: number): Crl {
  try {
    return decodeCrl(bytes);
  } catch (cause) {
    if (cause instanceof UnsupportedCrlError) {
      throw malformed(path, `can't be used: of its list number ${number}, ${cause.message}`, cause.hint, cause);
    }
    if (!(cause instanceof DerError)) throw cause;
    const found = `is damaged: its revocation list number ${number} can't be decoded (${cause.message})`;
    throw malformed(path, found, undefined, cause);
  }
}

function decodeBlock(block: PemBlock, path: string, number: number): Crl {
  const damage = describeDamage(block);
  const bytes = damage === undefined ? bytesOf(block) : undefined;
  if (bytes) return decode(bytes, path, number);
  throw malformed(path, `is damaged: its revocation list number ${number} can't be decoded, as ${damage}`);
}

/** What a file of revocation lists holds. */
export interface CrlFile {
  /** One at least; whose they are and whether they are current is left to the caller. */
  lists: readonly Crl[];
  /** The certificates of their issuers, as far as they lie beside them; not to be trusted for that. */
  certificates: readonly X509Certificate[];
}

function decodeCertificate(text: string, path: string, number: number): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw malformed(path, `is damaged: its certificate number ${number} can't be decoded`, wanted, cause);
  }
}

/**
 * Reads the revocation lists of a file.
 *
 * @throws CertificateError CRL_NOT_FOUND, or CRL_MALFORMED when the file is empty, larger than 16 MiB, has a PEM block that
 * does not end, holds something else, or a list that is damaged or of a kind that can't be honoured.
 * @throws FileError when it can't be read or is no file.
 */
export async function readCrlFile(path: string): Promise<CrlFile> {
  const { bytes } = await readRoleFile(path, role);
  // A SEQUENCE whose length takes more than a byte (X.690, section 8.1.3): no text begins so.
  if (bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] > 0x80 && bytes[1] < 0x85) {
    return { lists: [decode(bytes, path, 1)], certificates: [] };
  }
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") throw malformed(path, "is empty");
  const blocks = parsePem(text);
  if (blocks === undefined) throw malformed(path, describeTear(text));
  if (blocks.length === 0) throw malformed(path, "holds no revocation list, neither in PEM nor in DER");
  const lists = blocks.filter(({ label }) => label === "X509 CRL");
  if (lists.length === 0) {
    const held = [...new Set(blocks.map(({ label }) => describeLabel(label)))].join(" and ");
    throw malformed(path, `holds ${held}, not a revocation list`);
  }
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  return {
    lists: lists.map((block, index) => decodeBlock(block, path, index + 1)),
    certificates: certificates.map((block, index) => decodeCertificate(block.text, path, index + 1)),
  };
}
