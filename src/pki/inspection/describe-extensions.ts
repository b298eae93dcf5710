import { derTags } from "../encoding/der.ts";
import { childOf, type DerNode, decodeWhole } from "../encoding/der-tree.ts";
import { hexOf } from "../encoding/der-values.ts";
import { bitStringIn, isTrue, objectIdIn, smallIntegerIn } from "../encoding/node-values.ts";
import { extensionIds, keyPurposeIds, namesById } from "../encoding/object-ids.ts";
import { keyUsagesIn } from "../files/key-usage.ts";
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

const extensionNames = namesById(extensionIds);
const keyPurposes = namesById(keyPurposeIds);

/** Undefined when the value can't be decoded. */
type Reader = (value: Uint8Array) => Partial<ExtensionValues> | undefined;

const readBasicConstraints: Reader = (value) => {
  const sequence = decodeWhole(value, derTags.sequence);
  if (!sequence) return undefined;
  const authority = isTrue(childOf(sequence, derTags.boolean));
  const length = childOf(sequence, derTags.integer);
  if (!length) return { basicConstraints: { authority, pathLength: undefined } };
  const pathLength = smallIntegerIn(length);
  return pathLength === undefined ? undefined : { basicConstraints: { authority, pathLength } };
};

const readKeyUsage: Reader = (value) => {
  const bits = bitStringIn(decodeWhole(value, derTags.bitString));
  return bits && { keyUsage: keyUsagesIn(bits) };
};

const readExtendedKeyUsage: Reader = (value) => {
  const ids = decodeWhole(value, derTags.sequence)?.children.map(objectIdIn) ?? [];
  const known = ids.filter((id) => id !== undefined);
  if (known.length === 0 || known.length !== ids.length) return undefined;
  return { extendedKeyUsage: known.map((id) => keyPurposes[id] ?? id) };
};

const readNames: Reader = (value) => {
  const sequence = decodeWhole(value, derTags.sequence);
  return sequence && { names: sequence.children.map((name) => describeGeneralName(name, "name")) };
};

function readSubtrees(constraints: DerNode, tag: number): AlternativeName[] {
  const subtrees = childOf(constraints, tag)?.children ?? [];
  return subtrees.flatMap(({ children: [base] }) => (base ? [describeGeneralName(base, "constraint")] : []));
}

const readNameConstraints: Reader = (value) => {
  const sequence = decodeWhole(value, derTags.sequence);
  return (
    sequence && {
      nameConstraints: {
        permitted: readSubtrees(sequence, derTags.constructed0),
        excluded: readSubtrees(sequence, derTags.constructed1),
      },
    }
  );
};

const readSubjectKeyId: Reader = (value) => {
  const keyId = decodeWhole(value, derTags.octetString);
  return keyId && { subjectKeyId: hexOf(keyId.contents) };
};

/** It may name the issuer's certificate in place of its key (RFC 5280, section 4.2.1.1). */
const readAuthorityKeyId: Reader = (value) => {
  const sequence = decodeWhole(value, derTags.sequence);
  const keyId = sequence && childOf(sequence, derTags.primitive0);
  return keyId ? { authorityKeyId: hexOf(keyId.contents) } : sequence && {};
};

const readers: Readonly<Record<string, Reader>> = {
  [extensionIds.subjectKeyIdentifier]: readSubjectKeyId,
  [extensionIds.keyUsage]: readKeyUsage,
  [extensionIds.subjectAltName]: readNames,
  [extensionIds.basicConstraints]: readBasicConstraints,
  [extensionIds.nameConstraints]: readNameConstraints,
  [extensionIds.authorityKeyIdentifier]: readAuthorityKeyId,
  [extensionIds.extKeyUsage]: readExtendedKeyUsage,
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
export function describeExtensions(list: DerNode | undefined): {
  values: ExtensionValues;
  extensions: ExtensionDescription[];
} {
  let values: Partial<ExtensionValues> = {};
  const describe = (extension: DerNode): ExtensionDescription => {
    const id = objectIdIn(extension.children[0]) ?? "?";
    const value = childOf(extension, derTags.octetString)?.contents ?? new Uint8Array();
    const critical = isTrue(childOf(extension, derTags.boolean));
    const name = extensionNames[id];
    const read = readers[id];
    if (!read) return { id, name, critical };
    const found = read(value);
    values = { ...found, ...values };
    return { id, name, critical, ...(found ? {} : { damaged: hexOf(value.subarray(0, 64)) }) };
  };
  const extensions = list?.children.map(describe) ?? [];
  return { values: { ...nothing, ...values }, extensions };
}
