import { X509Certificate } from "node:crypto";
import { CertificateError, VibectlError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { dayMs, formatTime, minuteMs } from "../../time.ts";
import { readCertificates } from "../files/certificate-file.ts";
import { publicMode, removeLeftovers } from "../files/pair-files.ts";
import { issueCertificate } from "../issuing/certificate.ts";
import type { RandomSource } from "../issuing/keys.ts";
import { type CertificateProfile, profiles } from "../issuing/profile.ts";
import { isDue } from "../validity.ts";
import { type FoundLeaf, findLeaves, listLeaves } from "./find-leaves.ts";
import { openPrivateCa, openRoot, type PrivateCa, readIssuer, requireCa } from "./private-ca.ts";
import { leafFilesIn, privateCaFiles } from "./private-ca-files.ts";
import { readRevoked, serialOf, signList } from "./private-ca-revocation.ts";
import { type IssuedLeaf, reissueLeaf } from "./private-leaf.ts";

/** What a CA is renewed with. */
export interface RenewalOptions {
  /** The CA folder. */
  directory: string;
  /** Whether keys that other users can read are used, with a warning. */
  allowLoosePermissions?: boolean | undefined;
  now: Date;
  random: RandomSource;
}

/** What a CA's own certificates are renewed with. */
export interface AuthorityRenewalOptions extends RenewalOptions {
  /** Decrypts the root's key, where that is encrypted. */
  passphrase?: string | undefined;
}

/** A certificate of the CA's own that was renewed. */
export interface RenewedAuthority {
  certificate: X509Certificate;
  certFile: string;
}

/** The days that a CA's certificate lives: as many as the one before had, where those are more than usual. */
function lifetimeOf({ validFromDate, validToDate }: X509Certificate, profile: CertificateProfile): number {
  const before = Math.round((validToDate.getTime() - validFromDate.getTime()) / dayMs);
  return Math.max(before, profile.lifetimeDays);
}

/** New certificates are dated back, by less than this. */
const backdatingMs = 10 * minuteMs;

/** A clock that is behind would cut the life of a CA short, or end it. */
function requireLonger(before: X509Certificate, text: string, now: Date): void {
  const gained = new X509Certificate(text).validToDate.getTime() - before.validToDate.getTime();
  if (now >= before.validFromDate && gained > -backdatingMs) return;
  const found = `This machine's clock says ${formatTime(now)}: the new certificate would end before the one there is`;
  throw new CertificateError("CERTIFICATE_NOT_YET_VALID", found, { hint: "Set the clock, then renew." });
}

/**
 * Signs the root anew: the same name, key and constraints, another ten years. Whoever trusts the old one until its end
 * trusts what hangs below the new one too.
 *
 * @throws CertificateError KEY_NOT_FOUND when the root's key is kept elsewhere, or what is wrong with a file.
 * @throws FileError when it can't be written.
 */
export async function renewRoot(options: AuthorityRenewalOptions): Promise<RenewedAuthority> {
  const { directory, now, random } = options;
  const { root, bundleFile } = privateCaFiles(directory);
  await requireCa(directory);
  return await withFolderLock(options, async () => {
    const { certificate, key } = await openRoot(directory, options);
    const lifetimeDays = lifetimeOf(certificate, profiles.root);
    const request = { profile: profiles.root, subject: certificate, names: [], key, issuer: undefined, lifetimeDays };
    const text = await issueCertificate({ ...request, now, random });
    requireLonger(certificate, text, now);
    await removeLeftovers(root.certFile);
    await writeFileAtomically(root.certFile, text, { mode: publicMode, clobber: true });
    await writeFileAtomically(bundleFile, text, { mode: publicMode, clobber: true });
    const [renewed] = await readCertificates(root.certFile);
    return { certificate: renewed, certFile: root.certFile };
  });
}

/**
 * Has the root sign the intermediate anew: the same name, key and constraints, another five years. The list of what it has
 * revoked is then good for as long.
 *
 * @throws CertificateError KEY_NOT_FOUND when the root's key is kept elsewhere, CERTIFICATE_EXPIRED when the root has
 * ended, or what is wrong with a file.
 * @throws FileError when it can't be written.
 */
export async function renewIntermediate(options: AuthorityRenewalOptions): Promise<RenewedAuthority> {
  const { directory, allowLoosePermissions, now, random } = options;
  const { crlFile, intermediate } = privateCaFiles(directory);
  await requireCa(directory);
  return await withFolderLock(options, async () => {
    const { certificate: subject, key } = await readIssuer(intermediate, { allowLoosePermissions });
    const issuer = await openRoot(directory, options);
    const lifetimeDays = lifetimeOf(subject, profiles.intermediate);
    const request = { profile: profiles.intermediate, subject, names: [], key, issuer, lifetimeDays };
    const text = await issueCertificate({ ...request, now, random });
    const certificate = new X509Certificate(text);
    requireLonger(subject, text, now);
    const list = await signList({ certificate, key }, await readRevoked(directory, now), now);
    await removeLeftovers(intermediate.certFile);
    await writeFileAtomically(intermediate.certFile, text, { mode: publicMode, clobber: true });
    await writeFileAtomically(crlFile, list, { mode: publicMode, clobber: true });
    return { certificate, certFile: intermediate.certFile };
  });
}

/** Which leaves are renewed. */
export type LeafSelection =
  | { by: "name"; name: string }
  | { by: "age" }
  /** Those that end within that many days. */
  | { by: "days"; days: number }
  | { by: "all" };

/** What became of a leaf. */
export type RenewedLeaf = FoundLeaf &
  (
    | { outcome: "renewed"; issued: IssuedLeaf }
    | { outcome: "kept"; notAfter: Date }
    | { outcome: "failed"; problem: VibectlError }
  );

function isSelected(selection: LeafSelection, leaf: X509Certificate, ca: PrivateCa, now: Date): boolean {
  const { validFromDate: notBefore, validToDate: notAfter } = leaf;
  if (selection.by === "days") return notAfter.getTime() - now.getTime() <= selection.days * dayMs;
  return selection.by !== "age" || isDue({ notBefore, notAfter }, ca.intermediate.certificate.validToDate, now);
}

/** A revocation that broke off has left the leaf where it was. */
function revokedError(name: string): CertificateError {
  return new CertificateError("CERTIFICATE_REVOKED", `The certificate ${JSON.stringify(name)} is revoked`, {
    hint: `Finish that with \`vibectl-server ca revoke ${name}\`, which moves its files out of the way.`,
  });
}

async function renewLeaf(
  ca: PrivateCa,
  { kind, name }: FoundLeaf,
  selection: LeafSelection,
  revoked: ReadonlyMap<string, unknown>,
  options: RenewalOptions,
): Promise<RenewedLeaf> {
  try {
    const files = leafFilesIn(ca.directory, kind, name);
    const [leaf] = await readCertificates(files.certFile);
    if (revoked.has(serialOf(leaf))) throw revokedError(name);
    if (!isSelected(selection, leaf, ca, options.now)) {
      return { kind, name, outcome: "kept", notAfter: leaf.validToDate };
    }
    return { kind, name, outcome: "renewed", issued: await reissueLeaf(ca, kind, files, options) };
  } catch (problem) {
    if (problem instanceof VibectlError) return { kind, name, outcome: "failed", problem };
    throw problem;
  }
}

/**
 * Issues leaves anew, each for its names and its key, for as long as it lived before. One that can't be renewed does not
 * keep the others from it.
 *
 * @throws CertificateError CERTIFICATE_NOT_FOUND for a name that no leaf has, or what is wrong with the CA.
 * @throws FileError when the folder can't be written.
 */
export async function renewLeaves(selection: LeafSelection, options: RenewalOptions): Promise<RenewedLeaf[]> {
  const { directory, now } = options;
  await requireCa(directory);
  return await withFolderLock(options, async () => {
    const ca = await openPrivateCa(directory, now, options);
    const revoked = await readRevoked(directory, now);
    const found = selection.by === "name" ? await findLeaves(directory, selection.name) : await listLeaves(directory);
    const results: RenewedLeaf[] = [];
    for (const leaf of found) results.push(await renewLeaf(ca, leaf, selection, revoked, options));
    return results;
  });
}
