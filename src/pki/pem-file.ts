import { createPrivateKey, X509Certificate } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { CertificateError, type CertificateErrorCode, FileError, messageOf, systemCodeOf } from "../errors.ts";
import { describeLabel, type PemBlock, parsePem } from "./pem.ts";

/** What a file is meant to hold. */
export type PemRole = "certificate" | "key";

/** A PEM file as it lies on disk. */
export interface PemFile {
  path: string;
  role: PemRole;
  blocks: readonly PemBlock[];
  /** Whether users other than the owner can read it. */
  exposed: boolean;
}

interface RoleText {
  name: string;
  missing: CertificateErrorCode;
  malformed: CertificateErrorCode;
}

const roles: Record<PemRole, RoleText> = {
  certificate: { name: "certificate", missing: "CERTIFICATE_NOT_FOUND", malformed: "CERTIFICATE_MALFORMED" },
  key: { name: "private key", missing: "KEY_NOT_FOUND", malformed: "KEY_MALFORMED" },
};

/** Largest file that is read, in bytes: no chain of certificates comes near it. */
const largestFile = 1024 * 1024;

/** What a file of either role can be got from, for hints. */
const wanted: Record<PemRole, string> = {
  certificate: "Name a PEM file with the server's certificate first, then its intermediates.",
  key: "Name a PEM file with the unencrypted private key of the certificate.",
};

/** What to do about a key of a kind that the runtime's TLS doesn't know. */
export const keyKindHint = "Use an ECDSA key on P-256 or an RSA key, in an undamaged file.";

/**
 * An error that says what was found in a file.
 *
 * @param file - The file and what it was meant to hold.
 * @param found - What is wrong with it, to follow the file's name.
 * @param hint - What to do; by default, which kind of file to name.
 * @param cause - What led to it.
 */
export function malformed(
  file: Pick<PemFile, "path" | "role">,
  found: string,
  hint = wanted[file.role],
  cause?: unknown,
): CertificateError {
  const { name, malformed: code } = roles[file.role];
  return new CertificateError(code, `The ${name} file ${file.path} ${found}`, { hint, cause });
}

function unreadable(path: string, role: PemRole, cause: unknown): Error {
  const { name, missing } = roles[role];
  const errno = systemCodeOf(cause);
  if (errno === "ENOENT" || errno === "ENOTDIR") {
    return new CertificateError(missing, `The ${name} file ${path} does not exist`, {
      hint: "Check the path, or let the server make its certificate with --generate-certs.",
      cause,
    });
  }
  const reason = errno === "EACCES" || errno === "EPERM" ? "permission denied" : messageOf(cause);
  return new FileError(`The ${name} file ${path} can't be read: ${reason}`, {
    hint: `Make ${path} readable for this user.`,
    cause,
  });
}

/** Opens without waiting, should it be a pipe, and reads no more than the limit. */
async function readBytes(path: string, role: PemRole): Promise<{ bytes: Uint8Array; exposed: boolean }> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause) => {
    throw unreadable(path, role, cause);
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) {
      const found = status.isDirectory() ? "is a folder" : "is no regular file";
      throw new FileError(`The ${roles[role].name} file ${path} ${found}`, { hint: wanted[role] });
    }
    if (status.size > largestFile) throw malformed({ path, role }, `has ${status.size} bytes; ${largestFile} are read`);
    const exposed = process.platform !== "win32" && (status.mode & 0o077) !== 0;
    return { bytes: await handle.readFile(), exposed };
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : unreadable(path, role, error);
  } finally {
    await handle.close();
  }
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

/** Names what a file in DER holds, with the command that turns it into PEM (X.690, section 8.9: 0x30 is a SEQUENCE). */
function describeBinary(bytes: Uint8Array, path: string): [found: string, hint: string | undefined] {
  const key = Buffer.from(bytes);
  if (succeeds(() => new X509Certificate(bytes))) {
    return ["holds a certificate in DER, not in PEM", `Convert it: openssl x509 -inform der -in ${path} -out NEW_FILE`];
  }
  const keyTypes = ["pkcs8", "pkcs1", "sec1"] as const;
  if (keyTypes.some((type) => succeeds(() => createPrivateKey({ key, format: "der", type })))) {
    return ["holds a private key in DER, not in PEM", `Convert it: openssl pkey -inform der -in ${path} -out NEW_FILE`];
  }
  if (bytes[0] === 0x30) {
    const hint = `If it is a PKCS#12 archive, convert it: openssl pkcs12 -in ${path} -nodes -out NEW_FILE`;
    return ["holds binary data, not PEM", hint];
  }
  return ["holds no PEM", undefined];
}

/** Text in UTF-8 or, as Windows tools write it, UTF-16; the byte order mark is no part of it. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  return new TextDecoder().decode(bytes);
}

/**
 * Reads the blocks of a PEM file, whatever its line ends and byte order mark.
 *
 * @throws CertificateError when it is missing, empty, larger than 1 MiB, not PEM, or has a block that doesn't end.
 * @throws FileError when it can't be read or is no file.
 */
export async function readPemFile(path: string, role: PemRole): Promise<PemFile> {
  const { bytes, exposed } = await readBytes(path, role);
  const file = { path, role };
  const text = decodeText(bytes);
  if (text.trim() === "") throw malformed(file, "is empty");
  const blocks = parsePem(text);
  if (blocks === undefined) throw malformed(file, "is cut off or damaged: a BEGIN line lacks its END line");
  if (blocks.length === 0) throw malformed(file, ...describeBinary(bytes, path));
  return { ...file, blocks, exposed };
}

/** What a file holds, for a person: `a certificate and a private key`. */
export function describeBlocks(blocks: readonly PemBlock[]): string {
  return [...new Set(blocks.map(({ label }) => describeLabel(label)))].join(" and ");
}
