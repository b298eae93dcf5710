import type { X509Certificate } from "node:crypto";
import { attempt, type DerReader, derTags } from "../encoding/der.ts";
import { extensionIds } from "../encoding/object-ids.ts";
import { alternativeNamesOf, extensionOf, fieldsOf } from "./certificate-fields.ts";

/** What a key may do, in the order of the bits that say so (RFC 5280, section 4.2.1.3). */
export const keyUsages = [
  "digitalSignature",
  "contentCommitment",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
] as const;

/** One of a key's uses. */
export type KeyUsage = (typeof keyUsages)[number];

/** @param bits - Those of a KeyUsage, without the byte that tells how many there are. */
export function keyUsagesIn(bits: Uint8Array): KeyUsage[] {
  return keyUsages.filter((_, bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** Extensions that clients know: any other that is critical they refuse (RFC 5280, section 4.2). */
const knownIds: readonly string[] = [
  extensionIds.keyUsage,
  extensionIds.subjectAltName,
  extensionIds.basicConstraints,
  extensionIds.nameConstraints,
  extensionIds.certificatePolicies,
  extensionIds.policyMappings,
  extensionIds.policyConstraints,
  extensionIds.extKeyUsage,
  extensionIds.inhibitAnyPolicy,
];

function readKeyUsage(reader: DerReader): KeyUsage[] {
  return keyUsagesIn(reader.contents(derTags.bitString).subarray(1));
}

interface BasicConstraints {
  authority: boolean;
  pathLength: number | undefined;
}

function readBasicConstraints(reader: DerReader): BasicConstraints {
  const fields = reader.enter(derTags.sequence);
  const authority = fields.nextIs(derTags.boolean) && fields.contents(derTags.boolean)[0] !== 0;
  const length = fields.nextIs(derTags.integer) ? fields.contents(derTags.integer) : undefined;
  fields.finish();
  return { authority, pathLength: length?.reduce((sum, byte) => sum * 256 + byte, 0) };
}

function readExtendedKeyUsage(reader: DerReader): void {
  const usages = reader.enter(derTags.sequence);
  while (!usages.done) usages.contents(derTags.objectIdentifier);
}

/** Undefined where the extension is damaged, or not there. */
function basicConstraintsOf(certificate: X509Certificate): BasicConstraints | undefined {
  const reader = extensionOf(certificate, "basicConstraints");
  return reader && attempt(() => readBasicConstraints(reader));
}

/** Whether a certificate's key may be used for something. Without the extension it may be used for everything (RFC 5280, section 4.2.1.3). */
export function mayBeUsedFor(certificate: X509Certificate, usage: KeyUsage): boolean {
  const reader = extensionOf(certificate, "keyUsage");
  return !reader || (attempt(() => readKeyUsage(reader)) ?? []).includes(usage);
}

/** Whether a certificate says that it is a CA's, whatever its key may be used for (RFC 5280, section 4.2.1.9). */
export function isNamedAuthority(certificate: X509Certificate): boolean {
  return basicConstraintsOf(certificate)?.authority === true;
}

/** How many CAs may stand between a CA and a leaf (RFC 5280, section 4.2.1.9); undefined for any number. */
export function pathLengthOf(certificate: X509Certificate): number | undefined {
  return basicConstraintsOf(certificate)?.pathLength;
}

/** Whether a CA is held to names (RFC 5280, section 4.2.1.10). */
export function hasNameConstraints(certificate: X509Certificate): boolean {
  return extensionOf(certificate, "nameConstraints") !== undefined;
}

/** The identifier of a critical extension that clients don't know; undefined when there is none. */
export function unknownCriticalOf(certificate: X509Certificate): string | undefined {
  return fieldsOf(certificate).extensions.find(({ critical, id }) => critical && !knownIds.includes(id))?.id;
}

/** The extensions that say what a certificate is for; none of them may be damaged. */
const readers = {
  keyUsage: readKeyUsage,
  basicConstraints: readBasicConstraints,
  extKeyUsage: readExtendedKeyUsage,
} as const;

function isDamaged(certificate: X509Certificate, name: keyof typeof readers): boolean {
  const reader = extensionOf(certificate, name);
  return reader !== undefined && attempt(() => [readers[name](reader)]) === undefined;
}

/** Whether the runtime, too, can't decode the alternative names. */
function hasDamagedNames(certificate: X509Certificate): boolean {
  if (!extensionOf(certificate, "subjectAltName")) return false;
  return certificate.subjectAltName === undefined || !attempt(() => alternativeNamesOf(certificate));
}

/** What clients can't decode in a certificate, to name it; undefined when there is nothing. */
export function damagedPartOf(certificate: X509Certificate): string | undefined {
  if (!attempt(() => fieldsOf(certificate))) return "the list of its fields";
  const names = Object.keys(readers) as (keyof typeof readers)[];
  const damaged = names.find((name) => isDamaged(certificate, name));
  if (damaged) return `the extension ${damaged}`;
  return hasDamagedNames(certificate) ? "the extension subjectAltName" : undefined;
}
