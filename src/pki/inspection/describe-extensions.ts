import {
  type Asn1Node,
  bitStringOf,
  childOf,
  contextTag,
  decodeWhole,
  hex,
  objectIdOf,
  smallIntegerOf,
  tags,
} from "./asn1-tree.ts";
import { type AlternativeName, describeGeneralName } from "./describe-names.ts";

/** Whether a certificate is a CA's (RFC 5280, section 4.2.1.9). */
export interface BasicConstraints {
  authority: boolean;
  /** How many CAs may stand between it and a leaf; undefined for any number. */
  pathLength: number | undefined;
}

/** The names that a CA may issue for, and those it may not (RFC 5280, section 4.2.1.10). */
export interface DescribedConstraints {
  /** Of each kind that is in it, all other names are excluded. */
  permitted: readonly AlternativeName[];
  excluded: readonly AlternativeName[];
}

/** What the extensions of a certificate say, each undefined where that extension is not there or can't be decoded. */
export interface ExtensionValues {
  basicConstraints: BasicConstraints | undefined;
  /** As RFC 5280, section 4.2.1.3 calls them, such as `digitalSignature`. */
  keyUsage: readonly string[] | undefined;
  /** Such as `serverAuth`; the object identifier in dotted form where it has no name here. */
  extendedKeyUsage: readonly string[] | undefined;
  /** The subject alternative names. */
  names: readonly AlternativeName[] | undefined;
  nameConstraints: DescribedConstraints | undefined;
  /** Upper-case hexadecimal. */
  subjectKeyId: string | undefined;
  /** Upper-case hexadecimal. */
  authorityKeyId: string | undefined;
}

/** One extension, whether or not its value is known here. */
export interface ExtensionDescription {
  /** Its object identifier in dotted form; `?` where that can't be decoded. */
  id: string;
  /** Its name in its RFC; undefined where it is not known here. */
  name: string | undefined;
  critical: boolean;
  /** The first 64 bytes of a value that can't be decoded, in hexadecimal. */
  damaged?: string;
}

/** Extensions whose value is only named. */
const otherNames: Readonly<Record<string, string>> = {
  "2.5.29.9": "subjectDirectoryAttributes",
  "2.5.29.16": "privateKeyUsagePeriod",
  "2.5.29.18": "issuerAltName",
  "2.5.29.31": "cRLDistributionPoints",
  "2.5.29.32": "certificatePolicies",
  "2.5.29.33": "policyMappings",
  "2.5.29.36": "policyConstraints",
  "2.5.29.46": "freshestCRL",
  "2.5.29.54": "inhibitAnyPolicy",
  "1.3.6.1.5.5.7.1.1": "authorityInfoAccess",
  "1.3.6.1.5.5.7.1.11": "subjectInfoAccess",
  "1.3.6.1.5.5.7.1.24": "tlsFeature",
  "1.3.6.1.5.5.7.48.1.5": "ocspNoCheck",
  "1.3.6.1.4.1.311.21.1": "microsoftCaVersion",
  "1.3.6.1.4.1.11129.2.4.2": "signedCertificateTimestamps",
  "1.3.6.1.4.1.11129.2.4.3": "precertificatePoison",
  "2.16.840.1.113730.1.1": "netscapeCertType",
  "2.16.840.1.113730.1.13": "netscapeComment",
};

/** In the order of their bits. */
const keyUsages = [
  "digitalSignature",
  "contentCommitment",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];

const keyPurposes: Readonly<Record<string, string>> = {
  "2.5.29.37.0": "anyExtendedKeyUsage",
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
  "1.3.6.1.5.5.7.3.3": "codeSigning",
  "1.3.6.1.5.5.7.3.4": "emailProtection",
  "1.3.6.1.5.5.7.3.8": "timeStamping",
  "1.3.6.1.5.5.7.3.9": "OCSPSigning",
  "1.3.6.1.5.5.7.3.17": "ipsecIKE",
  "1.3.6.1.4.1.311.20.2.2": "smartcardLogon",
};

/** Undefined when the value can't be decoded. */
type Reader = (value: Uint8Array) => Partial<ExtensionValues> | undefined;

const readBasicConstraints: Reader = (value) => {
  const sequence = decodeWhole(value, tags.sequence);
  if (!sequence) return undefined;
  const authority = (childOf(sequence, tags.boolean)?.content[0] ?? 0) !== 0;
  const length = childOf(sequence, tags.integer);
  if (!length) return { basicConstraints: { authority, pathLength: undefined } };
  const pathLength = smallIntegerOf(length);
  return pathLength === undefined ? undefined : { basicConstraints: { authority, pathLength } };
};

const readKeyUsage: Reader = (value) => {
  const bits = bitStringOf(decodeWhole(value, tags.bitString));
  return bits && { keyUsage: keyUsages.filter((_, bit) => ((bits[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) };
};

const readExtendedKeyUsage: Reader = (value) => {
  const ids = decodeWhole(value, tags.sequence)?.children.map(objectIdOf) ?? [];
  const known = ids.filter((id) => id !== undefined);
  if (known.length === 0 || known.length !== ids.length) return undefined;
  return { extendedKeyUsage: known.map((id) => keyPurposes[id] ?? id) };
};

const readNames: Reader = (value) => {
  const sequence = decodeWhole(value, tags.sequence);
  return sequence && { names: sequence.children.map((name) => describeGeneralName(name, "name")) };
};

function readSubtrees(constraints: Asn1Node, number: number): AlternativeName[] {
  const subtrees = childOf(constraints, contextTag(number, "constructed"))?.children ?? [];
  return subtrees.flatMap(({ children: [base] }) => (base ? [describeGeneralName(base, "constraint")] : []));
}

const readNameConstraints: Reader = (value) => {
  const sequence = decodeWhole(value, tags.sequence);
  return sequence && { nameConstraints: { permitted: readSubtrees(sequence, 0), excluded: readSubtrees(sequence, 1) } };
};

const readSubjectKeyId: Reader = (value) => {
  const keyId = decodeWhole(value, tags.octetString);
  return keyId && { subjectKeyId: hex(keyId.content) };
};

/** It may name the issuer's certificate in place of its key (RFC 5280, section 4.2.1.1). */
const readAuthorityKeyId: Reader = (value) => {
  const sequence = decodeWhole(value, tags.sequence);
  const keyId = sequence && childOf(sequence, contextTag(0, "primitive"));
  return keyId ? { authorityKeyId: hex(keyId.content) } : sequence && {};
};

const readers: Readonly<Record<string, readonly [name: string, read: Reader]>> = {
  "2.5.29.14": ["subjectKeyIdentifier", readSubjectKeyId],
  "2.5.29.15": ["keyUsage", readKeyUsage],
  "2.5.29.17": ["subjectAltName", readNames],
  "2.5.29.19": ["basicConstraints", readBasicConstraints],
  "2.5.29.30": ["nameConstraints", readNameConstraints],
  "2.5.29.35": ["authorityKeyIdentifier", readAuthorityKeyId],
  "2.5.29.37": ["extKeyUsage", readExtendedKeyUsage],
};

const nothing: ExtensionValues = {
  names: undefined,
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  nameConstraints: undefined,
  subjectKeyId: undefined,
  authorityKeyId: undefined,
};

/**
 * Describes the extensions of a certificate. Of one that is there twice, the first counts.
 *
 * @param list - The SEQUENCE of them; undefined when there is none.
 */
export function describeExtensions(list: Asn1Node | undefined): {
  values: ExtensionValues;
  extensions: ExtensionDescription[];
} {
  let values: Partial<ExtensionValues> = {};
  const describe = (extension: Asn1Node): ExtensionDescription => {
    const id = objectIdOf(extension.children[0]) ?? "?";
    const value = childOf(extension, tags.octetString)?.content ?? new Uint8Array();
    const critical = (childOf(extension, tags.boolean)?.content[0] ?? 0) !== 0;
    const reader = readers[id];
    if (!reader) return { id, name: otherNames[id], critical };
    const [name, read] = reader;
    const found = read(value);
    values = { ...found, ...values };
    return { id, name, critical, ...(found ? {} : { damaged: hex(value.subarray(0, 64)) }) };
  };
  const extensions = list?.children.map(describe) ?? [];
  return { values: { ...nothing, ...values }, extensions };
}
