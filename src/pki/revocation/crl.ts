import { VibectlError } from "../../errors.ts";
import { DerError, DerReader, derTags } from "../encoding/der.ts";
import { decodeWhole } from "../encoding/der-tree.ts";
import {
  type DerExtension,
  dottedOf,
  hexOfInteger,
  readExtensions,
  readTime,
  timeIsNext,
} from "../encoding/der-values.ts";
import { describeName } from "../encoding/name.ts";
import { crlExtensionIds, extensionIds, signatureIds } from "../encoding/object-ids.ts";

/** A list is well-formed, and says something that this program can't honour. */
export class UnsupportedCrlError extends VibectlError {
  readonly code = "CRL_UNSUPPORTED";
}

/** Why and when a certificate was revoked. */
export interface CrlEntry {
  /** Milliseconds since 1970. */
  date: number;
  /** As RFC 5280, section 5.3.1 calls it, such as `keyCompromise`. */
  reason: string;
}

/** A complete certificate revocation list (RFC 5280, section 5). */
export interface Crl {
  /** Its issuer's Name in DER. */
  issuer: Buffer;
  /** The same for a person. */
  issuerName: string;
  /** Milliseconds since 1970. */
  thisUpdate: number;
  /** Milliseconds since 1970; undefined where the list does not say when the next one comes. */
  nextUpdate: number | undefined;
  /** By serial number in hexadecimal. */
  revoked: ReadonlyMap<string, CrlEntry>;
  /** What the signature is of. */
  signed: Uint8Array;
  signature: Uint8Array;
  /** How what is signed is hashed. */
  hash: "sha256" | "sha384" | "sha512";
}

/** RSA PKCS#1 v1.5 (RFC 4055, section 5) and ECDSA (RFC 5758, section 3.2). */
const hashes: Readonly<Record<string, Crl["hash"]>> = {
  [signatureIds["RSA with SHA-256"]]: "sha256",
  [signatureIds["RSA with SHA-384"]]: "sha384",
  [signatureIds["RSA with SHA-512"]]: "sha512",
  [signatureIds["ECDSA with SHA-256"]]: "sha256",
  [signatureIds["ECDSA with SHA-384"]]: "sha384",
  [signatureIds["ECDSA with SHA-512"]]: "sha512",
};

/** CRLReason (RFC 5280, section 5.3.1). */
export const crlReasons: Readonly<Record<number, string>> = {
  0: "unspecified",
  1: "keyCompromise",
  2: "cACompromise",
  3: "affiliationChanged",
  4: "superseded",
  5: "cessationOfOperation",
  6: "certificateHold",
  8: "removeFromCRL",
  9: "privilegeWithdrawn",
  10: "aACompromise",
};

/** A list with one of these does not speak of all certificates of its issuer, critical or not. */
const partialLists: Readonly<Record<string, string>> = {
  [crlExtensionIds.deltaCRLIndicator]: "it is a delta list, which tells only what has changed since another one",
  [crlExtensionIds.issuingDistributionPoint]:
    "it has an issuing distribution point, and so covers only some of its issuer's certificates",
};

const fullListHint = "Have the CA publish a complete list of its own certificates, and name that file.";

/**
 * Decodes a revocation list. Its signature is left to the caller.
 *
 * @param bytes - One CertificateList in DER.
 * @throws DerError when it is none.
 * @throws UnsupportedCrlError when it is partial or indirect, signed in a way that is unknown or broken, or has a critical
 * extension that nobody here knows (RFC 5280, section 5.2: it must not be used then).
 */
export function decodeCrl(bytes: Uint8Array): Crl {
  const file = new DerReader(bytes);
  const list = file.enter(derTags.sequence);
  file.finish();
  const signed = list.element(derTags.sequence);
  const algorithm = list.element(derTags.sequence);
  const signature = list.contents(derTags.bitString);
  list.finish();
  if (signature[0] !== 0) throw new DerError("its signature is no whole number of bytes");
  return {
    ...decodeSigned(new DerReader(signed).enter(derTags.sequence), Buffer.from(algorithm)),
    signed,
    signature: signature.subarray(1),
    hash: hashOf(algorithm),
  };
}

function hashOf(algorithm: Uint8Array): Crl["hash"] {
  const id = dottedOf(new DerReader(algorithm).enter(derTags.sequence).contents(derTags.objectIdentifier));
  const hash = hashes[id];
  if (hash) return hash;
  throw new UnsupportedCrlError(`it is signed with the algorithm ${id}, which is unknown or weak`, {
    hint: "Have the CA sign its lists with ECDSA or RSA (PKCS#1 v1.5), and with SHA-256 at least.",
  });
}

type SignedFields = Pick<Crl, "issuer" | "issuerName" | "thisUpdate" | "nextUpdate" | "revoked">;

/** A TBSCertList (RFC 5280, section 5.1). */
function decodeSigned(signed: DerReader, algorithm: Buffer): SignedFields {
  if (signed.nextIs(derTags.integer)) signed.contents(derTags.integer);
  if (!algorithm.equals(signed.element(derTags.sequence))) {
    throw new DerError("it names two signature algorithms (RFC 5280, section 5.1.1.2)");
  }
  const issuer = Buffer.from(signed.element(derTags.sequence));
  const thisUpdate = readTime(signed);
  const nextUpdate = timeIsNext(signed) ? readTime(signed) : undefined;
  const revoked = signed.nextIs(derTags.sequence) ? readEntries(signed.enter(derTags.sequence)) : new Map();
  if (signed.nextIs(derTags.constructed0)) {
    const explicit = signed.enter(derTags.constructed0);
    checkExtensions(readExtensions(explicit.enter(derTags.sequence)));
    explicit.finish();
  }
  signed.finish();
  return { issuer, issuerName: nameOnOneLine(issuer), thisUpdate, nextUpdate, revoked };
}

/** A Name for a message. */
function nameOnOneLine(der: Buffer): string {
  const name = decodeWhole(der, derTags.sequence);
  if (!name) throw new DerError("the name of its issuer is damaged");
  return describeName(name).text.replaceAll(/\p{Cc}/gu, "?") || "no name";
}

/** They say nothing of what a list covers. */
const knownExtensions: ReadonlySet<string> = new Set([
  extensionIds.authorityKeyIdentifier,
  extensionIds.issuerAltName,
  crlExtensionIds.cRLNumber,
]);

function checkExtensions(extensions: readonly DerExtension[]): void {
  for (const { id, critical } of extensions) {
    const partial = partialLists[id];
    if (partial) throw new UnsupportedCrlError(partial, { hint: fullListHint });
    if (critical && !knownExtensions.has(id)) {
      throw new UnsupportedCrlError(`it has the critical extension ${id}, which is unknown`, { hint: fullListHint });
    }
  }
}

function readEntries(entries: DerReader): Map<string, CrlEntry> {
  const revoked = new Map<string, CrlEntry>();
  while (!entries.done) {
    const entry = entries.enter(derTags.sequence);
    const serialNumber = hexOfInteger(entry.contents(derTags.integer));
    const date = readTime(entry);
    const reason = entry.done ? "unspecified" : readReason(readExtensions(entry.enter(derTags.sequence)));
    entry.finish();
    if (reason !== "removeFromCRL") revoked.set(serialNumber, { date, reason });
  }
  return revoked;
}

function readReason(extensions: readonly DerExtension[]): string {
  let reason = "unspecified";
  for (const { id, critical, value } of extensions) {
    if (id === crlExtensionIds.reasonCode) {
      const [code = 0] = new DerReader(value).contents(derTags.enumerated);
      reason = crlReasons[code] ?? `reason ${code}`;
    } else if (id === crlExtensionIds.certificateIssuer) {
      throw new UnsupportedCrlError("it lists certificates of other issuers", { hint: fullListHint });
    } else if (critical) {
      const found = `one of its entries has the critical extension ${id}, which is unknown`;
      throw new UnsupportedCrlError(found, { hint: fullListHint });
    }
  }
  return reason;
}
