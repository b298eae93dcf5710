import type { X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { formatTime } from "../../time.ts";
import { type Certificates, readCertificates, subjectOf } from "../files/certificate-file.ts";
import { findPath } from "../files/certificate-path.ts";
import { loadRevocationLists, type Revocation, type RevocationLists } from "../revocation/revocation-list.ts";

/** Whose clients to trust. */
export interface ClientTrustOptions {
  /** PEM: the CAs that issue the clients' certificates. */
  caFile: string;
  /** Their revocation lists: see {@link loadRevocationLists}. Without them nothing is ever revoked. */
  crlFile?: string | undefined;
  now: Date;
}

/** The CAs whose clients are trusted, and what they have revoked. */
export interface ClientTrust {
  /** PEM: those of the CAs that have not expired. */
  roots: string;
  certificates: Certificates;
  revocation: RevocationLists | undefined;
  /** Each a sentence. */
  warnings: readonly string[];
  /**
   * Holds a client's certificate against the CAs, the clock and the revocation lists. The first time a leaf costs 0.4 ms, and
   * then next to nothing.
   *
   * @param chain - The leaf first, then what the client has sent with it, in any order.
   * @returns Why it does not count, as a sentence for the log that names it; undefined when it does.
   */
  objectionTo(chain: Certificates, now: Date): string | undefined;
}

const authorityHint = "Name a PEM file with the certificates of the CAs that issue the clients' certificates.";

async function readAuthorities(caFile: string): Promise<Certificates> {
  try {
    return await readCertificates(caFile);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new CertificateError(error.code, error.message, { hint: authorityHint, cause: error });
  }
}

function checkAuthorities(certificates: Certificates, caFile: string): void {
  const other = certificates.find((certificate) => !certificate.ca);
  if (!other) return;
  const found = `${subjectOf(other)} in ${caFile} is no CA, so no client can be its`;
  throw new CertificateError("CERTIFICATE_PURPOSE_WRONG", found, { hint: authorityHint });
}

/** What is the matter with a certificate's dates, to follow its name. */
function outOfDate({ validFromDate, validToDate }: X509Certificate, now: Date): string | undefined {
  if (now > validToDate) return `expired on ${formatTime(validToDate)}`;
  return now < validFromDate ? `is valid only from ${formatTime(validFromDate)}` : undefined;
}

/** Those that have not expired: the runtime could take an expired one for the issuer, though the same CA has a new one. */
function usableOf(certificates: Certificates, caFile: string, now: Date): Certificates {
  const [usable, ...others] = certificates.filter((certificate) => now <= certificate.validToDate);
  if (usable) return [usable, ...others];
  const [first] = certificates;
  const found = `All CAs in ${caFile} have expired, ${subjectOf(first)} on ${formatTime(first.validToDate)}`;
  throw new CertificateError("CERTIFICATE_EXPIRED", found, {
    hint: "Name the file with the CA's current certificate; if this one is, check this machine's clock.",
  });
}

function warningsOf(certificates: Certificates, caFile: string, now: Date): string[] {
  return certificates.flatMap((certificate) => {
    const problem = outOfDate(certificate, now);
    return problem ? [`The client CA ${subjectOf(certificate)} in ${caFile} ${problem}`] : [];
  });
}

function subjectAndSerial(certificate: X509Certificate): string {
  return `${subjectOf(certificate) || "no name"}, serial ${certificate.serialNumber.toUpperCase()}`;
}

function describeRevocation({ kind, certificate, date, reason }: Revocation, leaf: X509Certificate): string {
  const subject =
    certificate === leaf ? "" : `was issued by a CA (${subjectAndSerial(certificate)}) whose own certificate `;
  return kind === "revoked"
    ? `${subject}was revoked on ${formatTime(date)} (${reason})`
    : `${subject}can't be checked: ${reason}`;
}

/** What stays true of a leaf as long as the same CAs are trusted. */
interface KnownLeaf {
  /** How messages call it. */
  name: string;
  path: Certificates | undefined;
  /** The time in which all of the path is valid, in milliseconds since 1970. */
  from: number;
  to: number;
}

function examine(chain: Certificates, trusted: Certificates): KnownLeaf {
  const path = findPath(chain, trusted);
  const times = (path ?? []).map(({ validFromDate, validToDate }) => [+validFromDate, +validToDate] as const);
  return {
    name: `the client certificate (${subjectAndSerial(chain[0])})`,
    path,
    from: Math.max(...times.map(([from]) => from)),
    to: Math.min(...times.map(([, to]) => to)),
  };
}

function describeDates(path: Certificates, now: Date): string {
  const [leaf] = path;
  const late = path.find((certificate) => outOfDate(certificate, now)) ?? leaf;
  return late === leaf
    ? `${outOfDate(leaf, now)}`
    : `is of a CA (${subjectAndSerial(late)}) that ${outOfDate(late, now)}`;
}

function objectionsOf(trusted: Certificates, revocation: RevocationLists | undefined): ClientTrust["objectionTo"] {
  const leaves = new WeakMap<X509Certificate, KnownLeaf>();
  return (chain, now) => {
    let leaf = leaves.get(chain[0]);
    if (!leaf) {
      leaf = examine(chain, trusted);
      leaves.set(chain[0], leaf);
    }
    const { name, path, from, to } = leaf;
    if (!path) return `${name} is of no CA that is trusted`;
    if (now.getTime() < from || now.getTime() > to) return `${name} ${describeDates(path, now)}`;
    const revoked = revocation?.findRevoked(path, now);
    return revoked && `${name} ${describeRevocation(revoked, path[0])}`;
  };
}

/**
 * Loads the CAs whose clients are trusted, and their revocation lists.
 *
 * @throws CertificateError when a file is missing or holds something else; CERTIFICATE_PURPOSE_WRONG when a certificate is no
 * CA's; CERTIFICATE_EXPIRED when no CA's is still valid; or what {@link loadRevocationLists} throws.
 * @throws FileError when a file can't be read or is no file.
 */
export async function loadClientTrust({ caFile, crlFile, now }: ClientTrustOptions): Promise<ClientTrust> {
  const all = await readAuthorities(caFile);
  checkAuthorities(all, caFile);
  const certificates = usableOf(all, caFile, now);
  const revocation = crlFile === undefined ? undefined : await loadRevocationLists(crlFile, certificates, now);
  return {
    roots: certificates.map((certificate) => certificate.toString()).join(""),
    certificates,
    revocation,
    warnings: [...warningsOf(all, caFile, now), ...(revocation?.warnings ?? [])],
    objectionTo: objectionsOf(certificates, revocation),
  };
}
