import { createHash, X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { describePublicKey, describeSignature, type KeyDescription } from "../encoding/algorithm-names.ts";
import { derTags } from "../encoding/der.ts";
import { childOf, type DerNode, decodeTree, decodeWhole } from "../encoding/der-tree.ts";
import { hexOf } from "../encoding/der-values.ts";
import { type DescribedName, describeName } from "../encoding/name.ts";
import { smallIntegerIn, timeIn } from "../encoding/node-values.ts";
import { describeExtensions, type ExtensionDescription, type ExtensionValues } from "./describe-extensions.ts";

/** What a certificate says, as a person wants to read it. */
export interface CertificateDescription extends ExtensionValues {
  /** 1, 2 or 3; only certificates of version 3 have extensions. */
  version: number;
  subject: DescribedName;
  issuer: DescribedName;
  /** Upper-case hexadecimal, with a minus where it is negative. */
  serialNumber: string;
  notBefore: Date;
  /** The last second of its life. */
  notAfter: Date;
  key: KeyDescription;
  /** Such as `ECDSA with SHA-256`. */
  signatureAlgorithm: string;
  /** Whether it was signed with its own key. */
  selfSigned: boolean;
  /** In the certificate's order. */
  extensions: readonly ExtensionDescription[];
  /** Of the whole certificate: upper-case hexadecimal with colons. */
  fingerprints: { sha256: string; sha1: string };
}

/** Says what is wrong; {@link describeCertificate} says with what. */
class Undecodable extends Error {}

function expected(node: DerNode | undefined, tag: number, what: string): DerNode {
  if (node?.tag === tag) return node;
  throw new Undecodable(`${what} is missing or damaged`);
}

function serialText({ contents }: DerNode): string {
  const text = hexOf(contents).replace(/^(00)+(?=..)/, "");
  if ((contents[0] ?? 0) < 0x80) return text;
  const magnitude = (1n << BigInt(contents.length * 8)) - BigInt(`0x${text}`);
  const digits = magnitude.toString(16).toUpperCase();
  return `-${digits.padStart(digits.length + (digits.length % 2), "0")}`;
}

function validityOf(validity: DerNode): { notBefore: Date; notAfter: Date } {
  const [notBefore, notAfter] = validity.children.map(timeIn);
  if (!notBefore || !notAfter) throw new Undecodable("its dates are damaged");
  return { notBefore, notAfter };
}

function fingerprint(algorithm: "sha256" | "sha1", bytes: Uint8Array): string {
  return (hexOf(createHash(algorithm).update(bytes).digest()).match(/../g) ?? []).join(":");
}

/** What the runtime's library verifies; of other signatures it says that they are wrong. */
const verifiable = /(SHA-(1|256|384|512)|Ed25519)$/;

/** Undefined where the runtime's library doesn't know the key or the signature. */
function verifiesItself(der: Uint8Array, signatureAlgorithm: string): boolean | undefined {
  if (!verifiable.test(signatureAlgorithm)) return undefined;
  try {
    const certificate = new X509Certificate(der);
    return certificate.verify(certificate.publicKey);
  } catch {
    return undefined;
  }
}

/** Splits a TBSCertificate (RFC 5280, section 4.1.2). */
function splitSigned(signed: DerNode) {
  const versioned = childOf(signed, derTags.constructed0);
  const [serial, , issuer, validity, subject, key] = signed.children.slice(versioned ? 1 : 0);
  const [extensions] = childOf(signed, derTags.constructed3)?.children ?? [];
  return {
    version: 1 + (smallIntegerIn(versioned?.children[0]) ?? 0),
    serial: expected(serial, derTags.integer, "its serial number"),
    issuer: expected(issuer, derTags.sequence, "its issuer"),
    validity: expected(validity, derTags.sequence, "its validity"),
    subject: expected(subject, derTags.sequence, "its subject"),
    key: expected(key, derTags.sequence, "its key"),
    extensions: extensions && expected(extensions, derTags.sequence, "its list of extensions"),
  };
}

/**
 * The bytes of the certificate that an encoding begins with: what follows, as in OpenSSL's `TRUSTED CERTIFICATE`, is no
 * part of it.
 *
 * @returns Undefined when it begins with something else.
 */
export function certificateBytes(der: Uint8Array): Uint8Array | undefined {
  const certificate = decodeTree(der);
  const [signed, algorithm, signature] = certificate?.children ?? [];
  const outlined = [certificate, signed, algorithm].every((node) => node?.tag === derTags.sequence);
  return outlined && signature?.tag === derTags.bitString ? certificate?.bytes : undefined;
}

function describe(der: Uint8Array): CertificateDescription {
  const certificate = expected(decodeWhole(der, derTags.sequence), derTags.sequence, "its outline");
  const [signed, algorithm] = certificate.children;
  const fields = splitSigned(expected(signed, derTags.sequence, "its content"));
  const { values, extensions } = describeExtensions(fields.extensions);
  const { subjectKeyId, authorityKeyId } = values;
  const signatureAlgorithm = describeSignature(expected(algorithm, derTags.sequence, "its signature's algorithm"));
  const namesItself = Buffer.from(fields.issuer.bytes).equals(fields.subject.bytes);
  const ownKey = authorityKeyId === undefined || authorityKeyId === subjectKeyId;
  return {
    version: fields.version,
    subject: describeName(fields.subject),
    issuer: describeName(fields.issuer),
    serialNumber: serialText(fields.serial),
    ...validityOf(fields.validity),
    key: describePublicKey(fields.key),
    signatureAlgorithm,
    selfSigned: namesItself && (verifiesItself(der, signatureAlgorithm) ?? ownKey),
    ...values,
    extensions,
    fingerprints: { sha256: fingerprint("sha256", der), sha1: fingerprint("sha1", der) },
  };
}

/**
 * Describes an X.509 certificate (RFC 5280). Extensions that can't be decoded are described as such.
 *
 * @param der - The certificate and nothing else.
 * @param name - What an error calls it.
 * @throws CertificateError CERTIFICATE_MALFORMED when its outline can't be decoded.
 */
export function describeCertificate(der: Uint8Array, name = "The certificate"): CertificateDescription {
  try {
    return describe(der);
  } catch (cause) {
    if (!(cause instanceof Undecodable)) throw cause;
    throw new CertificateError("CERTIFICATE_MALFORMED", `${name} can't be decoded: ${cause.message}`, {
      hint: "Fetch it again from where it was issued: it is cut off, damaged, or something else.",
      cause,
    });
  }
}
