import type { X509Certificate } from "node:crypto";
import { mkdir, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CertificateError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { writeError, writeFileAtomically } from "../../safe-file.ts";
import type { LeafSummary } from "../files/certificate-file.ts";
import { readCertificates, summariseLeaf } from "../files/certificate-file.ts";
import type { KeyAccess } from "../files/key-file.ts";
import { publicMode } from "../files/pair-files.ts";
import type { Issuer } from "../issuing/certificate.ts";
import type { CrlEntry } from "../revocation/crl.ts";
import { readCrlFile } from "../revocation/crl-file.ts";
import { issueCrl } from "../revocation/issue-crl.ts";
import { type FoundLeaf, findLeaves } from "./find-leaves.ts";
import { certificatesBelow, issuedCertificates } from "./leaf-history.ts";
import { isThere, openPrivateCa, requireCa } from "./private-ca.ts";
import { type LeafKind, leafFilesIn, privateCaFiles } from "./private-ca-files.ts";

/** What is revoked, and why. */
export interface RevocationOptions extends KeyAccess {
  /** The CA folder. */
  directory: string;
  /** The certificate, as `ca status` names it. */
  name: string;
  /** Needed where a client and a server have the same name. */
  kind?: LeafKind | undefined;
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

async function findLeaf({ directory, name, kind }: RevocationOptions): Promise<FoundLeaf> {
  const [first, second] = await findLeaves(directory, name, kind);
  if (!second) return first;
  throw new CertificateError("CERTIFICATE_EXISTS", `A client and a server are both called ${JSON.stringify(name)}`, {
    hint: "Say which one is meant: --kind client, or --kind server.",
  });
}

/** A serial number as lists are searched by. */
export function serialOf({ serialNumber }: X509Certificate): string {
  return serialNumber.toLowerCase();
}

/** What the files say that were moved away, where the list itself is gone: nothing that was revoked may come back. */
async function rebuildRevoked(directory: string, now: Date): Promise<Map<string, CrlEntry>> {
  const { revoked } = privateCaFiles(directory);
  const folders = (await isThere(revoked)) ? await readdir(revoked) : [];
  const certificates = await Promise.all(folders.map(async (folder) => await certificatesBelow(join(revoked, folder))));
  const entry = { date: now.getTime(), reason: "unspecified" };
  return new Map(certificates.flat().map((certificate) => [serialOf(certificate), entry]));
}

/** What a CA has revoked, by serial number. */
export async function readRevoked(directory: string, now: Date): Promise<Map<string, CrlEntry>> {
  try {
    const { lists } = await readCrlFile(privateCaFiles(directory).crlFile);
    return new Map(lists.flatMap(({ revoked }) => [...revoked]));
  } catch (error) {
    if (error instanceof CertificateError && error.code === "CRL_NOT_FOUND")
      return await rebuildRevoked(directory, now);
    throw error;
  }
}

/**
 * Signs the list of what an intermediate has revoked. It is good for as long as the intermediate's certificate, which stands
 * behind it: servers look at the file, and nobody fetches it.
 *
 * @returns PEM.
 */
export async function signList(
  intermediate: Issuer,
  revoked: ReadonlyMap<string, CrlEntry>,
  now: Date,
): Promise<string> {
  const { certificate } = intermediate;
  const list = await issueCrl(intermediate, { revoked, thisUpdate: now, nextUpdate: certificate.validToDate });
  return list + certificate.toString();
}

/**
 * Revokes a certificate of the CA, with those that it has replaced and that are valid still: puts them on the list, then
 * moves them out of the way, so that another of the same name can be made.
 *
 * @throws CertificateError CERTIFICATE_NOT_FOUND for a name that no certificate has, or what is wrong with the CA or its list.
 * @throws FileError when a file can't be read or written.
 */
export async function revokeLeaf(options: RevocationOptions): Promise<RevokedLeaf> {
  const { directory, reason, now } = options;
  await requireCa(directory);
  return await withFolderLock(options, async () => {
    const ca = await openPrivateCa(directory, now, options);
    const { kind, name } = await findLeaf(options);
    const leafFiles = leafFilesIn(directory, kind, name);
    const [certificate] = await readCertificates(leafFiles.certFile);
    const files = privateCaFiles(directory);
    const revoked = await readRevoked(directory, now);
    for (const issued of await issuedCertificates(leafFiles)) {
      revoked.set(serialOf(issued), { date: now.getTime(), reason });
    }
    const text = await signList(ca.intermediate, revoked, now);
    await writeFileAtomically(files.crlFile, text, { mode: publicMode, clobber: true });
    const place = join(files.revoked, `${name}-${serialOf(certificate).slice(0, 8)}`);
    try {
      await mkdir(files.revoked, { recursive: true, mode: 0o700 });
      await rename(dirname(leafFiles.certFile), place);
    } catch (error) {
      throw writeError(place, error);
    }
    return { kind, leaf: summariseLeaf(certificate), crlFile: files.crlFile, place };
  });
}
