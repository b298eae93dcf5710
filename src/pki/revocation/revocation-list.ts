import { verify, type X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { formatTime, minuteMs } from "../../time.ts";
import { fieldsOf } from "../files/certificate-fields.ts";
import { subjectOf } from "../files/certificate-file.ts";
import { findPath } from "../files/certificate-path.ts";
import { mayBeUsedFor } from "../files/key-usage.ts";
import type { Crl } from "./crl.ts";
import { readCrlFile } from "./crl-file.ts";

/** Why a certificate of a chain does not count any more. */
export interface Revocation {
  /** Whether its issuer revoked it, or the issuer's list has not been renewed in time, so that nobody can tell. */
  kind: "revoked" | "unknown";
  certificate: X509Certificate;
  /** When it was revoked; when the list ran out. */
  date: Date;
  /** As RFC 5280, section 5.3.1 calls it, such as `keyCompromise`; for a list that ran out, a sentence. */
  reason: string;
}

/** What the lists of a file say. */
export interface RevocationLists {
  /**
   * Looks for a certificate that was revoked.
   *
   * @param path - The leaf first, each followed by its issuer, the root or what stands for it last. A certificate whose
   * issuer has no list is not looked for.
   * @param now - From the time on at which an issuer's next list was due, all of its certificates are refused.
   * @returns The first that does not count; undefined when all do.
   */
  findRevoked(path: readonly X509Certificate[], now: Date): Revocation | undefined;
  /** When the first of the lists runs out; undefined where none says. */
  nextUpdate: Date | undefined;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** How far the clock of a CA may be ahead of this machine's, in milliseconds. */
const clockSkewMs = 5 * minuteMs;

const issuers = new WeakMap<X509Certificate, string>();

/** What an issuer is known by: its name and its key. Two certificates for the same key are one issuer. */
function issuerKeyOf(issuer: X509Certificate): string {
  let key = issuers.get(issuer);
  if (key === undefined) {
    const { subject, publicKey } = fieldsOf(issuer);
    key = Buffer.concat([subject, publicKey]).toString("base64");
    issuers.set(issuer, key);
  }
  return key;
}

function foreign(path: string, found: string, hint: string): CertificateError {
  return new CertificateError("CRL_FOREIGN", `The revocation list file ${path} ${found}`, { hint });
}

function isSignedBy({ hash, signed, signature }: Crl, { publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType } = publicKey;
  return (asymmetricKeyType === "ec" || asymmetricKeyType === "rsa") && verify(hash, signed, publicKey, signature);
}

/** The CA that issued a list. */
function signerOf(list: Crl, path: string, candidates: readonly X509Certificate[]): X509Certificate {
  const { issuerName: name } = list;
  const named = candidates.filter((candidate) => fieldsOf(candidate).subject.equals(list.issuer));
  if (named.length === 0) {
    throw foreign(
      path,
      `has a list of ${name}, which is none of the CAs of the clients`,
      "Add that CA's certificate to the file of client CAs, or leave its list out.",
    );
  }
  const signers = named.filter((candidate) => isSignedBy(list, candidate));
  if (signers.length === 0) {
    throw foreign(
      path,
      `has a list in the name of ${name} that is not signed with that CA's key`,
      "Fetch the list from the CA again; if the CA has a new key, add its new certificate to the file of client CAs.",
    );
  }
  const signer = signers.find((candidate) => mayBeUsedFor(candidate, "cRLSign"));
  if (signer) return signer;
  throw foreign(
    path,
    `has a list of ${name}, whose certificate does not let it sign lists`,
    "Give the CA a certificate whose keyUsage has cRLSign, or leave its list out.",
  );
}

function checkDates({ issuerName, thisUpdate, nextUpdate }: Crl, path: string, now: Date): void {
  const list = `has a list of ${issuerName} that`;
  if (nextUpdate !== undefined && now.getTime() > nextUpdate) {
    const found = `${list} ran out on ${formatTime(new Date(nextUpdate))}`;
    throw new CertificateError("CRL_EXPIRED", `The revocation list file ${path} ${found}`, {
      hint: "Fetch the CA's current list; if this one is current, check this machine's clock.",
    });
  }
  if (thisUpdate > now.getTime() + clockSkewMs) {
    const found = `${list} is valid only from ${formatTime(new Date(thisUpdate))}`;
    throw new CertificateError("CRL_EXPIRED", `The revocation list file ${path} ${found}`, {
      hint: `Check this machine's clock: it says ${formatTime(now)}.`,
    });
  }
}

/** A CA whose intermediate has a list may well have revoked none of its intermediates. */
function warningsOf(
  lists: ReadonlyMap<string, Crl>,
  path: string,
  trusted: readonly X509Certificate[],
  beside: readonly X509Certificate[],
): string[] {
  const unlisted = trusted.filter(
    (each) => !lists.has(issuerKeyOf(each)) && !beside.some((below) => findPath([below], [each])),
  );
  const endless = [...lists.values()].filter(({ nextUpdate }) => nextUpdate === undefined);
  return [...new Set(unlisted.map((issuer) => subjectOf(issuer)))]
    .map((name) => `${path} has no revocation list of ${name}: certificates that it revoked are accepted`)
    .concat(endless.map(({ issuerName }) => `The list of ${issuerName} in ${path} does not say when it runs out`));
}

function findIn(list: Crl, certificate: X509Certificate, now: Date): Revocation | undefined {
  const { nextUpdate } = list;
  if (nextUpdate !== undefined && now.getTime() > nextUpdate) {
    const date = new Date(nextUpdate);
    const reason = `the revocation list of ${list.issuerName} ran out on ${formatTime(date)}`;
    return { kind: "unknown", certificate, date, reason };
  }
  const entry = list.revoked.get(fieldsOf(certificate).serialNumber);
  return entry && { kind: "revoked", certificate, date: new Date(entry.date), reason: entry.reason };
}

/**
 * Loads revocation lists and makes sure that they are complete, current, and their issuers' own. Of several by one issuer
 * the latest counts.
 *
 * @param path - PEM blocks `X509 CRL`, or one list in DER; at most 16 MiB. The certificates of intermediates whose lists they
 * are may stand beside them.
 * @param trusted - The CAs that may have issued them, or the certificates beside them.
 * @throws CertificateError CRL_NOT_FOUND; CRL_MALFORMED, also for a list of a kind that can't be honoured; CRL_FOREIGN when
 * none of the CAs has issued one of them; CRL_EXPIRED when one has run out or is not valid yet.
 * @throws FileError when the file can't be read or is no file.
 */
export async function loadRevocationLists(
  path: string,
  trusted: readonly X509Certificate[],
  now: Date,
): Promise<RevocationLists> {
  const lists = new Map<string, Crl>();
  const file = await readCrlFile(path);
  const beside = file.certificates.filter((certificate) => certificate.ca && findPath([certificate], trusted));
  for (const list of file.lists) {
    const key = issuerKeyOf(signerOf(list, path, [...trusted, ...beside]));
    const other = lists.get(key);
    if (!other || other.thisUpdate < list.thisUpdate) lists.set(key, list);
  }
  for (const list of lists.values()) checkDates(list, path, now);
  const ends = [...lists.values()].flatMap(({ nextUpdate }) => (nextUpdate === undefined ? [] : [nextUpdate]));
  return {
    findRevoked: (certificates, at) => {
      for (const [index, certificate] of certificates.entries()) {
        const issuer = certificates[index + 1];
        const list = issuer && lists.get(issuerKeyOf(issuer));
        const found = list && findIn(list, certificate, at);
        if (found) return found;
      }
      return undefined;
    },
    nextUpdate: ends.length > 0 ? new Date(Math.min(...ends)) : undefined,
    warnings: warningsOf(lists, path, trusted, beside),
  };
}
