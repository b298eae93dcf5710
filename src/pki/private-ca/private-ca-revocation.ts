import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CertificateError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { writeError, writeFileAtomically } from "../../safe-file.ts";
import type { LeafSummary } from "../files/certificate-file.ts";
import { readCertificates, summariseLeaf } from "../files/certificate-file.ts";
import type { KeyAccess } from "../files/key-file.ts";
import { publicMode } from "../files/pair-files.ts";
import { type CrlEntry, decodeCrl } from "../revocation/crl.ts";
import { readCrlFile } from "../revocation/crl-file.ts";
import { issueCrl } from "../revocation/issue-crl.ts";
import { openPrivateCa, type PrivateCa, requireCa } from "./private-ca.ts";
import { type LeafKind, leafFilesIn, leafFolder, privateCaFiles } from "./private-ca-files.ts";
import { leafNames } from "./private-ca-status.ts";

/** What is revoked, and why. */
export interface RevocationOptions extends KeyAccess {
  /** The CA folder. */
  directory: string;
  /** The certificate, as `ca status` names it. */
  name: string;
  /** As RFC 5280, section 5.3.1 calls it. */
  reason: string;
  now: Date;
}

/** What was revoked. */
export interface RevokedLeaf {
  kind: LeafKind;
  leaf: LeafSummary;
  /** The revocation list, which servers honour as `--client-crl`. */
  crlFile: string;
  /** Where the certificate and its key are now. */
  place: string;
}

async function findLeaf({ directory, name }: RevocationOptions): Promise<[kind: LeafKind, folder: string]> {
  for (const kind of ["client", "server"] as const) {
    const names = await leafNames(directory, kind);
    const folder = [name, leafFolder(kind, name)].find((each) => each !== undefined && names.includes(each));
    if (folder !== undefined) return [kind, folder];
  }
  throw new CertificateError("CERTIFICATE_NOT_FOUND", `The CA in ${directory} has no certificate called "${name}"`, {
    hint: "`vibectl-server ca status` lists the certificates by name.",
  });
}

async function readRevoked(crlFile: string): Promise<Map<string, CrlEntry>> {
  try {
    const { lists } = await readCrlFile(crlFile);
    return new Map(lists.flatMap((bytes) => [...decodeCrl(bytes).revoked]));
  } catch (error) {
    if (error instanceof CertificateError && error.code === "CRL_NOT_FOUND") return new Map();
    throw error;
  }
}

/** The list is good for as long as the intermediate that signs it: servers look at the file, and nobody fetches it. */
async function writeList({ directory, intermediate }: PrivateCa, revoked: Map<string, CrlEntry>, now: Date) {
  const { crlFile } = privateCaFiles(directory);
  const nextUpdate = intermediate.certificate.validToDate;
  const list = await issueCrl(intermediate, { revoked, thisUpdate: now, nextUpdate });
  await writeFileAtomically(crlFile, list + intermediate.certificate.toString(), { mode: publicMode, clobber: true });
  return crlFile;
}

/**
 * Revokes a certificate of the CA: puts it on the list, then moves it out of the way, so that it is not renewed and another
 * of the same name can be made.
 *
 * @throws CertificateError CERTIFICATE_NOT_FOUND for a name that no certificate has, or what is wrong with the CA or its list.
 * @throws FileError when a file can't be read or written.
 */
export async function revokeLeaf(options: RevocationOptions): Promise<RevokedLeaf> {
  const { directory, reason, now } = options;
  await requireCa(directory);
  return await withFolderLock(directory, async () => {
    const ca = await openPrivateCa(directory, now, options);
    const [kind, folder] = await findLeaf(options);
    const { certFile } = leafFilesIn(directory, kind, folder);
    const [certificate] = await readCertificates(certFile);
    const files = privateCaFiles(directory);
    const revoked = await readRevoked(files.crlFile);
    const serialNumber = certificate.serialNumber.toLowerCase();
    revoked.set(serialNumber, { date: now.getTime(), reason });
    const crlFile = await writeList(ca, revoked, now);
    const place = join(files.revoked, `${folder}-${serialNumber.slice(0, 8)}`);
    try {
      await mkdir(files.revoked, { recursive: true, mode: 0o700 });
      await rename(dirname(certFile), place);
    } catch (error) {
      throw writeError(place, error);
    }
    return { kind, leaf: summariseLeaf(certificate), crlFile, place };
  });
}
