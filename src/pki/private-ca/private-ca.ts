import type { X509Certificate } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { CertificateError, systemCodeOf } from "../../errors.ts";
import { formatTime } from "../../time.ts";
import { isIssuedBy, readCertificates } from "../files/certificate-file.ts";
import { type KeyAccess, readPrivateKey } from "../files/key-file.ts";
import type { PairFiles } from "../files/pair-files.ts";
import type { Issuer } from "../issuing/certificate.ts";
import { privateCaFiles } from "./private-ca-files.ts";

/** A CA that can issue leaves: its root's key is not needed for that, and may be kept elsewhere. */
export interface PrivateCa {
  directory: string;
  root: X509Certificate;
  intermediate: Issuer;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** Whether something is there; what can't be reached is there too, so that reading it says why it can't. */
export async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    (error) => !["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? ""),
  );
}

/** Where `ca init --force` has put the CA before, should it have been ended half-way. */
async function newestReplaced(directory: string): Promise<string | undefined> {
  const names = await readdir(directory).catch(() => []);
  const newest = names
    .filter((name) => name.startsWith("replaced-"))
    .sort()
    .at(-1);
  return newest && join(directory, newest);
}

/**
 * Makes sure that a folder holds a CA, before it is locked.
 *
 * @throws CertificateError CA_NOT_FOUND, or CA_INCOMPLETE with the pieces that it lacks.
 */
export async function requireCa(directory: string): Promise<void> {
  const { root, intermediate } = privateCaFiles(directory);
  const pieces = [root.certFile, intermediate.certFile, intermediate.keyFile];
  const missing = (await Promise.all(pieces.map(async (path) => ((await isThere(path)) ? [] : [path])))).flat();
  if (missing.length === 0) return;
  const aside = await newestReplaced(directory);
  const before =
    aside === undefined ? "" : ` The CA before is in ${aside}: move what is in there back, to have it again.`;
  if (missing.length === pieces.length) {
    throw new CertificateError("CA_NOT_FOUND", `There is no CA in ${directory}`, {
      hint: `Make one with \`vibectl-server ca init\`, or name its folder with --ca-dir.${before}`,
    });
  }
  throw new CertificateError("CA_INCOMPLETE", `The CA in ${directory} lacks ${missing.join(" and ")}`, {
    hint: `Put that back from a backup; \`vibectl-server ca init --force\` makes a new CA, and keeps what is left of this one beside it.${before}`,
  });
}

/** @throws CertificateError CERTIFICATE_EXPIRED or CERTIFICATE_NOT_YET_VALID when a CA's certificate is not valid now. */
function checkValidity(name: string, certificate: X509Certificate, now: Date, renewal: string): void {
  const { validFromDate, validToDate } = certificate;
  if (now > validToDate) {
    throw new CertificateError("CERTIFICATE_EXPIRED", `The ${name} expired on ${formatTime(validToDate)}`, {
      hint: `Renew it with \`vibectl-server ca renew ${renewal}\`; if it should be valid, check this machine's clock.`,
    });
  }
  if (now < validFromDate) {
    throw new CertificateError(
      "CERTIFICATE_NOT_YET_VALID",
      `The ${name} is valid only from ${formatTime(validFromDate)}`,
      {
        hint: `Check this machine's clock: it says ${formatTime(now)}.`,
      },
    );
  }
}

/**
 * Reads one of a CA's pairs.
 *
 * @throws CertificateError KEY_MISMATCH when they don't belong together, or what is wrong with a file.
 */
export async function readIssuer(
  files: PairFiles,
  access: KeyAccess,
): Promise<Issuer & { warnings: readonly string[] }> {
  const [certificate] = await readCertificates(files.certFile);
  const { key, warnings } = await readPrivateKey(files.keyFile, access);
  if (!certificate.checkPrivateKey(key)) {
    const message = `The private key in ${files.keyFile} does not belong to the certificate in ${files.certFile}`;
    throw new CertificateError("KEY_MISMATCH", message, { hint: "Put both back from the same backup." });
  }
  return { certificate, key, warnings };
}

/**
 * Opens a CA to issue leaves.
 *
 * @param directory - The CA folder.
 * @throws CertificateError CA_NOT_FOUND, CA_INCOMPLETE, CERTIFICATE_EXPIRED, CERTIFICATE_CHAIN_BROKEN, or what is wrong
 * with a file.
 * @throws FileError when a file can't be read.
 */
export async function openPrivateCa(directory: string, now: Date, access: KeyAccess = {}): Promise<PrivateCa> {
  await requireCa(directory);
  const files = privateCaFiles(directory);
  const [root] = await readCertificates(files.root.certFile);
  const { warnings, ...intermediate } = await readIssuer(files.intermediate, access);
  if (!isIssuedBy(intermediate.certificate, root)) {
    const message = `The root in ${files.root.certFile} did not issue the intermediate in ${files.intermediate.certFile}`;
    throw new CertificateError("CERTIFICATE_CHAIN_BROKEN", message, { hint: "Put both back from the same backup." });
  }
  checkValidity(`root in ${files.root.certFile}`, root, now, `--root --ca-dir ${directory}`);
  const renewal = `--intermediate --ca-dir ${directory}`;
  checkValidity(`intermediate in ${files.intermediate.certFile}`, intermediate.certificate, now, renewal);
  return { directory, root, intermediate, warnings };
}

/** What is known of the root's key without its passphrase. */
export type RootKeyState = "absent" | "encrypted" | "not encrypted";

/** Tells whether the root's key is in the CA folder, and whether it is encrypted. */
export async function rootKeyState(directory: string): Promise<RootKeyState> {
  try {
    await readPrivateKey(privateCaFiles(directory).root.keyFile, { allowLoosePermissions: true });
    return "not encrypted";
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    if (error.code === "KEY_NOT_FOUND") return "absent";
    if (error.code === "KEY_ENCRYPTED") return "encrypted";
    throw error;
  }
}

/**
 * Opens a CA's root to sign an intermediate.
 *
 * @param access - `passphrase` is the root's key's, where that is encrypted.
 * @throws CertificateError KEY_NOT_FOUND when the root's key is kept elsewhere, KEY_ENCRYPTED or KEY_PASSPHRASE_WRONG, or
 * what is wrong with a file.
 */
export async function openRoot(directory: string, access: KeyAccess): Promise<Issuer> {
  const { root } = privateCaFiles(directory);
  if (!(await isThere(root.keyFile))) {
    throw new CertificateError("KEY_NOT_FOUND", `The root's key is not in ${root.keyFile}`, {
      hint: "Bring it back from where it is kept, renew, then take it away again.",
    });
  }
  const { certificate, key } = await readIssuer(root, access);
  return { certificate, key };
}
