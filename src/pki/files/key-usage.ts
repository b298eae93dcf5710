import type { X509Certificate } from "node:crypto";
import { DerError, DerReader, derTags } from "../encoding/der.ts";
import { type KeyUsage, keyUsageBits } from "../issuing/profile.ts";
import { fieldsOf } from "./certificate-fields.ts";

/** Extensions that clients know, by object identifier: any other that is critical they refuse (RFC 5280, section 4.2). */
const extensionIds = {
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  certificatePolicies: "2.5.29.32",
  policyMappings: "2.5.29.33",
  policyConstraints: "2.5.29.36",
  extendedKeyUsage: "2.5.29.37",
  inhibitAnyPolicy: "2.5.29.54",
} as const;

const knownIds: readonly string[] = Object.values(extensionIds);

type ExtensionName = keyof typeof extensionIds;

function readerOf(certificate: X509Certificate, name: ExtensionName): DerReader | undefined {
  const extension = fieldsOf(certificate).extensions.find(({ id }) => id === extensionIds[name]);
  return extension && new DerReader(extension.value);
}

/** The bits of a KeyUsage, without the byte that tells how many there are. */
function readKeyUsage(reader: DerReader): Uint8Array {
  return reader.contents(derTags.bitString).subarray(1);
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

/** Undefined where an extension is damaged, or not there. */
function attempt<Value>(
  certificate: X509Certificate,
  name: ExtensionName,
  read: (reader: DerReader) => Value,
): Value | undefined {
  try {
    const reader = readerOf(certificate, name);
    return reader && read(reader);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Whether a certificate's key may be used for something. Without the extension it may be used for everything (RFC 5280, section 4.2.1.3). */
export function mayBeUsedFor(certificate: X509Certificate, usage: KeyUsage): boolean {
  if (!readerOf(certificate, "keyUsage")) return true;
  const [byte = 0] = attempt(certificate, "keyUsage", readKeyUsage) ?? [];
  return (byte & (0x80 >> keyUsageBits[usage])) !== 0;
}

/** Whether a certificate says that it is a CA's, whatever its key may be used for (RFC 5280, section 4.2.1.9). */
export function isNamedAuthority(certificate: X509Certificate): boolean {
  return attempt(certificate, "basicConstraints", readBasicConstraints)?.authority === true;
}

/** How many CAs may stand between a CA and a leaf (RFC 5280, section 4.2.1.9); undefined for any number. */
export function pathLengthOf(certificate: X509Certificate): number | undefined {
  return attempt(certificate, "basicConstraints", readBasicConstraints)?.pathLength;
}

/** Whether a CA is held to names (RFC 5280, section 4.2.1.10). */
export function hasNameConstraints(certificate: X509Certificate): boolean {
  return readerOf(certificate, "nameConstraints") !== undefined;
}

/** The identifier of a critical extension that clients don't know; undefined when there is none. */
export function unknownCriticalOf(certificate: X509Certificate): string | undefined {
  return fieldsOf(certificate).extensions.find(({ critical, id }) => critical && !knownIds.includes(id))?.id;
}

function isDamaged(certificate: X509Certificate, name: ExtensionName, read: (reader: DerReader) => unknown): boolean {
  return readerOf(certificate, name) !== undefined && !attempt(certificate, name, (reader) => [read(reader)]);
}

/** The name of an extension that clients can't decode; undefined when there is none. */
export function damagedExtensionOf(certificate: X509Certificate): ExtensionName | undefined {
  if (isDamaged(certificate, "keyUsage", readKeyUsage)) return "keyUsage";
  if (isDamaged(certificate, "basicConstraints", readBasicConstraints)) return "basicConstraints";
  if (isDamaged(certificate, "extendedKeyUsage", readExtendedKeyUsage)) return "extendedKeyUsage";
  const named = readerOf(certificate, "subjectAltName") !== undefined;
  return named && certificate.subjectAltName === undefined ? "subjectAltName" : undefined;
}
