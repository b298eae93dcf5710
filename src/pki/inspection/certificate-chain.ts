import { X509Certificate } from "node:crypto";
import { isIssuedBy } from "../files/certificate-file.ts";
import { findProblems } from "./certificate-problems.ts";
import { type CertificateDescription, describeCertificate } from "./describe-certificate.ts";

/** A certificate among others. */
export interface ChainedCertificate extends CertificateDescription {
  /** Its place, counted from 1. */
  number: number;
  /** The place of the one that issued it, which is its own where it signed itself; undefined when it is not there. */
  issuedBy: number | undefined;
  /** See {@link findProblems}. */
  problems: readonly string[];
}

/** Certificates as they stand in a file, or as a server sent them. */
export interface CertificateChain {
  certificates: readonly ChainedCertificate[];
  /** Whether each that was issued by another here stands right before it (RFC 8446, section 4.4.2). */
  inOrder: boolean;
  /** The places in the order that is right, where there is one for all of them. */
  rightOrder: readonly number[] | undefined;
  /** The places of those whose issuer is not there. */
  issuerMissing: readonly number[];
}

interface Link {
  description: CertificateDescription;
  certificate: X509Certificate | undefined;
}

/** Undefined for one that the runtime's library can't read, such as one with a key of an unknown kind. */
function parse(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** Undefined where the runtime's library doesn't know a key. */
function verified(subject: Link, issuer: Link): boolean | undefined {
  try {
    return subject.certificate && issuer.certificate && isIssuedBy(subject.certificate, issuer.certificate);
  } catch {
    return undefined;
  }
}

/** The signature decides where it can be verified, else the key's identifier. */
function issued(subject: Link, issuer: Link): boolean {
  const { authorityKeyId } = subject.description;
  const fits = authorityKeyId === undefined || authorityKeyId === issuer.description.subjectKeyId;
  return verified(subject, issuer) ?? fits;
}

/** The next one is asked first: a CA may stand there more than once. */
function placeOfIssuer(
  index: number,
  links: readonly Link[],
  bySubject: ReadonlyMap<string, number[]>,
): number | undefined {
  const link = links[index];
  if (!link || link.description.selfSigned) return index;
  const namesakes = bySubject.get(link.description.issuer.text) ?? [];
  const candidates = namesakes.includes(index + 1) ? [index + 1, ...namesakes] : namesakes;
  return candidates.find((candidate) => {
    const issuer = links[candidate];
    return issuer !== undefined && candidate !== index && issued(link, issuer);
  });
}

/** From the one that issued no other up to the one whose issuer is not there. */
function rightOrder(certificates: readonly ChainedCertificate[]): number[] | undefined {
  const issuers = certificates.flatMap(({ number, issuedBy }) => (issuedBy === number ? [] : [issuedBy]));
  let next = certificates.find(({ number }) => !issuers.includes(number));
  const order: number[] = [];
  while (next && !order.includes(next.number)) {
    order.push(next.number);
    next = certificates[(next.issuedBy ?? 0) - 1];
  }
  return order.length === certificates.length ? order : undefined;
}

/**
 * Describes certificates, and how they hang together.
 *
 * @param ders - The certificates in DER, in the order in which they stand.
 * @throws CertificateError CERTIFICATE_MALFORMED when one can't be decoded.
 */
export function describeChain(ders: readonly Uint8Array[], now: Date): CertificateChain {
  const links = ders.map((der, index): Link => {
    const description = describeCertificate(der, `Certificate number ${index + 1}`);
    return { description, certificate: parse(der) };
  });
  const bySubject = new Map<string, number[]>();
  for (const [index, { description }] of links.entries()) {
    const namesakes = bySubject.get(description.subject.text) ?? [];
    bySubject.set(description.subject.text, [...namesakes, index]);
  }
  const certificates = links.map(({ description }, index): ChainedCertificate => {
    const issuer = placeOfIssuer(index, links, bySubject);
    const place = issuer === undefined ? undefined : issuer + 1;
    return { number: index + 1, issuedBy: place, ...description, problems: findProblems(description, now) };
  });
  const missing = certificates.filter(({ issuedBy }) => issuedBy === undefined);
  return {
    certificates,
    inOrder: certificates.every(({ number, issuedBy = number }) => issuedBy === number || issuedBy === number + 1),
    rightOrder: rightOrder(certificates),
    issuerMissing: missing.map(({ number }) => number),
  };
}
