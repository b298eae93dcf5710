import { X509Certificate } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { CertificateError, FileError, messageOf, systemCodeOf } from "../errors.ts";
import { describeLabel, parsePem } from "./pem.ts";

/** Largest file that is read, in bytes: some 400,000 revoked certificates. */
const largestFile = 16 * 1024 * 1024;

const wanted = "Name a file with revocation lists: PEM blocks `X509 CRL`, or one list in DER.";

/**
 * An error that says what is wrong with a file of revocation lists.
 *
 * @param found - To follow the file's name.
 */
export function malformedCrl(path: string, found: string, hint = wanted, cause?: unknown): CertificateError {
  return new CertificateError("CRL_MALFORMED", `The revocation list file ${path} ${found}`, { hint, cause });
}

function unreadable(path: string, cause: unknown): Error {
  const errno = systemCodeOf(cause);
  if (errno === "ENOENT" || errno === "ENOTDIR") {
    return new CertificateError("CRL_NOT_FOUND", `The revocation list file ${path} does not exist`, {
      hint: "Check the path, and that the CA's list has been fetched to it.",
      cause,
    });
  }
  const reason = errno === "EACCES" || errno === "EPERM" ? "permission denied" : messageOf(cause);
  return new FileError(`The revocation list file ${path} can't be read: ${reason}`, {
    hint: `Make ${path} readable for this user.`,
    cause,
  });
}

/** Opens without waiting, should it be a pipe, and reads no more than the limit. */
async function readBytes(path: string): Promise<Uint8Array> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause) => {
    throw unreadable(path, cause);
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      const found = status.isDirectory() ? "is a folder" : "is no regular file";
      throw new FileError(`The revocation list file ${path} ${found}`, { hint: wanted });
    }
    if (status.size > largestFile) throw malformedCrl(path, `has ${status.size} bytes; ${largestFile} are read`);
    return await handle.readFile();
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : unreadable(path, error);
  } finally {
    await handle.close();
  }
}

function decodeBase64(block: string, path: string, number: number): Uint8Array {
  const text = block.replaceAll(/^-----.*-----$|\s/gm, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw malformedCrl(path, `is damaged: its revocation list number ${number} is not base64`);
  }
  return Buffer.from(text, "base64");
}

/** What a file of revocation lists holds. */
export interface CrlFile {
  /** Each in DER, one at least; whether they are what they ought to be is left to the caller. */
  lists: readonly Uint8Array[];
  /** The certificates of their issuers, as far as they lie beside them; not to be trusted for that. */
  certificates: readonly X509Certificate[];
}

function decodeCertificate(text: string, path: string, number: number): X509Certificate {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw malformedCrl(path, `is damaged: its certificate number ${number} can't be decoded`, wanted, cause);
  }
}

/**
 * Reads the revocation lists of a file.
 *
 * @throws CertificateError CRL_NOT_FOUND, or CRL_MALFORMED when the file is empty, larger than 16 MiB, has a PEM block that
 * does not end, or holds something else.
 * @throws FileError when it can't be read or is no file.
 */
export async function readCrlFile(path: string): Promise<CrlFile> {
  const bytes = await readBytes(path);
  // A SEQUENCE whose length takes more than a byte (X.690, section 8.1.3): no text begins so.
  if (bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] > 0x80 && bytes[1] < 0x85) {
    return { lists: [bytes], certificates: [] };
  }
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") throw malformedCrl(path, "is empty");
  const blocks = parsePem(text);
  if (blocks === undefined) throw malformedCrl(path, "is cut off or damaged: a BEGIN line lacks its END line");
  if (blocks.length === 0) throw malformedCrl(path, "holds no revocation list, neither in PEM nor in DER");
  const lists = blocks.filter(({ label }) => label === "X509 CRL");
  if (lists.length === 0) {
    const held = [...new Set(blocks.map(({ label }) => describeLabel(label)))].join(" and ");
    throw malformedCrl(path, `holds ${held}, not a revocation list`);
  }
  const certificates = blocks.filter(({ label }) => label === "CERTIFICATE");
  return {
    lists: lists.map((block, index) => decodeBase64(block.text, path, index + 1)),
    certificates: certificates.map((block, index) => decodeCertificate(block.text, path, index + 1)),
  };
}
