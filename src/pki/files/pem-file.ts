import { CertificateError } from "../../errors.ts";
import { describeLabel, type PemBlock, parsePem } from "../encoding/pem.ts";
import { describeDamage, describeTear } from "../encoding/pem-damage.ts";
import { describeOtherFormat } from "./other-formats.ts";
import { type FileRole, readRoleFile } from "./role-file.ts";

/** What a file is meant to hold. */
export type PemRole = "certificate" | "key";

/** A PEM file as it lies on disk. */
export interface PemFile {
  path: string;
  role: PemRole;
  blocks: readonly PemBlock[];
  /** Its permissions, such as 0o600. */
  mode: number;
  /** Whether users other than the owner can read it. */
  exposed: boolean;
}

interface PemFileRole extends FileRole {
  /** What its blocks are called. */
  label: RegExp;
}

const common = {
  // No chain of certificates comes near it.
  largest: 1024 * 1024,
  missingHint: "Check the path, or let the server make its certificate with --generate-certs.",
};

const roles: Record<PemRole, PemFileRole> = {
  certificate: {
    ...common,
    name: "certificate file",
    label: /^(X509 )?CERTIFICATE$/,
    missing: "CERTIFICATE_NOT_FOUND",
    malformed: "CERTIFICATE_MALFORMED",
    wanted: "Name a PEM file with the server's certificate first, then its intermediates.",
  },
  key: {
    ...common,
    name: "private key file",
    label: /PRIVATE KEY$/,
    missing: "KEY_NOT_FOUND",
    malformed: "KEY_MALFORMED",
    wanted: "Name a PEM file with the private key of the certificate.",
  },
};

/** What to do about a file of the right kind that is not whole. */
const damagedHint = "Copy or fetch the file anew, whole and unchanged.";

/** Blocks of another kind that a certificate can be had from. */
const convertible: ReadonlyArray<readonly [label: RegExp, hint: (path: string) => string]> = [
  [/^TRUSTED CERTIFICATE$/, (path) => `Convert it: openssl x509 -in ${path} -out NEW_FILE`],
  [/^(PKCS7|CMS|PKCS #7 SIGNED DATA)$/, (path) => `Convert it: openssl pkcs7 -print_certs -in ${path} -out NEW_FILE`],
  [/CERTIFICATE REQUEST$/, () => "Have a CA sign the request; what it gives back is the certificate."],
];

/** What to do about a key of a kind that the runtime's TLS doesn't know. */
export const keyKindHint = "Use an ECDSA key on P-256 or an RSA key, in an undamaged file.";

function usualHint({ path, role, blocks = [] }: FileInQuestion): string {
  const has = (label: RegExp) => blocks.some((block) => label.test(block.label));
  if (has(roles[role].label)) return damagedHint;
  if (role === "key") return roles.key.wanted;
  return convertible.find(([label]) => has(label))?.[1](path) ?? roles[role].wanted;
}

/** A file, what it was meant to hold, and what it holds where that is known. */
type FileInQuestion = Pick<PemFile, "path" | "role"> & Partial<PemFile>;

/**
 * An error that says what was found in a file.
 *
 * @param file - The file and what it was meant to hold.
 * @param found - What is wrong with it, to follow the file's name.
 * @param hint - What to do; by default, to replace what is damaged, convert what is there, or name another file.
 * @param cause - What led to it.
 */
export function malformed(
  file: FileInQuestion,
  found: string,
  hint = usualHint(file),
  cause?: unknown,
): CertificateError {
  const { name, malformed: code } = roles[file.role];
  return new CertificateError(code, `The ${name} ${file.path} ${found}`, { hint, cause });
}

/** Text in UTF-8 or, as Windows tools write it, UTF-16; the byte order mark is no part of it. */
function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** Makes sure that the blocks that are wanted are whole. */
function checkBlocks(file: PemFile): void {
  const blocks = file.blocks.filter(({ label }) => roles[file.role].label.test(label));
  for (const [index, block] of blocks.entries()) {
    const damage = describeDamage(block);
    const name = file.role === "key" ? "private key" : `certificate number ${index + 1}`;
    if (damage !== undefined) throw malformed(file, `is damaged: its ${name} can't be decoded, as ${damage}`);
  }
}

/** Reads a file's bytes, whatever they are; as {@link readPemFile} does. */
export async function readCertificateBytes(path: string): Promise<Uint8Array> {
  return (await readRoleFile(path, roles.certificate)).bytes;
}

/**
 * Reads the blocks of a PEM file, whatever its line ends and byte order mark.
 *
 * @throws CertificateError when it is missing, empty, larger than 1 MiB, not PEM, or has a block that doesn't end.
 * @throws FileError when it can't be read or is no file.
 */
export async function readPemFile(path: string, role: PemRole): Promise<PemFile> {
  const { bytes, mode } = await readRoleFile(path, roles[role]);
  const text = decodeText(bytes);
  if (text.trim() === "") throw malformed({ path, role }, text === "" ? "is empty" : "is empty but for blanks");
  const blocks = parsePem(text);
  if (blocks === undefined) throw malformed({ path, role }, describeTear(text), damagedHint);
  if (blocks.length === 0) throw malformed({ path, role }, ...describeOtherFormat(bytes, text, path));
  const file = { path, role, blocks, mode, exposed: process.platform !== "win32" && (mode & 0o077) !== 0 };
  checkBlocks(file);
  return file;
}

/** What is not called by its label. */
const contentNames: Readonly<Record<string, string>> = {
  "TRUSTED CERTIFICATE": 'a "TRUSTED CERTIFICATE" of OpenSSL',
  "X509 CRL": "a certificate revocation list",
  PKCS7: "a PKCS#7 bundle",
};

/** What a file holds, for a person: `a certificate and a private key`. */
export function describeBlocks(blocks: readonly PemBlock[]): string {
  return [...new Set(blocks.map(({ label }) => contentNames[label] ?? describeLabel(label)))].join(" and ");
}
