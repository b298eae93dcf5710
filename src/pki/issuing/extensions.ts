import { BitString, OctetString } from "asn1js";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  type PublicKeyInfo,
  type RelativeDistinguishedNames,
} from "pkijs";
import { extensionIds, keyPurposeIds } from "../encoding/object-ids.ts";
import { type KeyUsage, keyUsages } from "../files/key-usage.ts";
import { addressBytes, type HostName } from "../host-names.ts";
import type { CertificateProfile } from "./profile.ts";

/** What the extensions of one certificate are made from. */
export interface ExtensionSource {
  profile: CertificateProfile;
  /** Whether the certificate's own key is an RSA key. */
  rsa: boolean;
  /** SHA-1 of the certificate's own public key: see {@link keyIdentifier}. */
  subjectKeyId: ArrayBuffer;
  /** Its issuer's, as the issuer's certificate has it. */
  authorityKeyId: ArrayBuffer;
  names: readonly HostName[];
  /** Where it is empty, the names are critical (RFC 5280, section 4.2.1.6). */
  subject: RelativeDistinguishedNames;
  /** The NameConstraints of a CA, in DER. */
  constraints: ArrayBuffer | undefined;
}

const directoryType = 4;

interface Encodable {
  toBER(): ArrayBuffer;
}

function extension(name: keyof typeof extensionIds, critical: boolean, value: Encodable): Extension {
  return new Extension({ extnID: extensionIds[name], critical, extnValue: value.toBER() });
}

/** A named bit list in DER: no zero bits after the last one (X.690, section 11.2.2). */
function encodeKeyUsage(usages: readonly KeyUsage[]): BitString {
  const bits = usages.map((usage) => keyUsages.indexOf(usage));
  const last = Math.max(...bits);
  const bytes = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return new BitString({ valueHex: bytes.buffer, unusedBits: 7 - (last & 7) });
}

function encodeName(name: HostName): GeneralName {
  return name.kind === "dns"
    ? new GeneralName({ type: 2, value: name.value })
    : new GeneralName({ type: 7, value: new OctetString({ valueHex: addressBytes(name.value).buffer }) });
}

/**
 * A client has no host name. Its subject stands for one: python-cryptography takes no certificate without alternative
 * names, nor does BoringSSL (Bun, grpcio) where a CA with name constraints issued it.
 */
function alternativeNames({ profile, names, subject }: ExtensionSource): GeneralName[] {
  if (names.length > 0) return names.map(encodeName);
  const isClients = profile.extendedKeyUsage.includes("clientAuth") && subject.typesAndValues.length > 0;
  return isClients ? [new GeneralName({ type: directoryType, value: subject })] : [];
}

/** The SHA-1 of a public key's bits: method 1 of RFC 5280, section 4.2.1.2. */
export async function keyIdentifier(publicKey: PublicKeyInfo): Promise<ArrayBuffer> {
  const bits = Uint8Array.from(publicKey.subjectPublicKey.valueBlock.valueHexView);
  return await crypto.subtle.digest("SHA-1", bits);
}

/** The extensions of a certificate (RFC 5280, section 4.2). */
export function buildExtensions(source: ExtensionSource): Extension[] {
  const { profile, constraints, subject } = source;
  const { authority } = profile;
  const basicConstraints = new BasicConstraints(
    authority ? { cA: true, pathLenConstraint: authority.pathLength } : { cA: false },
  );
  const keyUsage = [...profile.keyUsage, ...(source.rsa ? profile.rsaKeyUsage : [])];
  const subjectKeyId = new OctetString({ valueHex: source.subjectKeyId });
  const authorityKeyId = new AuthorityKeyIdentifier({
    keyIdentifier: new OctetString({ valueHex: source.authorityKeyId }),
  });
  const extensions = [
    extension("basicConstraints", true, basicConstraints.toSchema()),
    extension("keyUsage", true, encodeKeyUsage(keyUsage)),
    extension("subjectKeyIdentifier", false, subjectKeyId),
    extension("authorityKeyIdentifier", false, authorityKeyId.toSchema()),
  ];
  if (profile.extendedKeyUsage.length > 0) {
    const keyPurposes = profile.extendedKeyUsage.map((usage) => keyPurposeIds[usage]);
    extensions.push(extension("extKeyUsage", false, new ExtKeyUsage({ keyPurposes }).toSchema()));
  }
  if (constraints)
    extensions.push(new Extension({ extnID: extensionIds.nameConstraints, critical: true, extnValue: constraints }));
  const names = alternativeNames(source);
  if (names.length > 0) {
    const isCritical = subject.typesAndValues.length === 0;
    extensions.push(extension("subjectAltName", isCritical, new GeneralNames({ names }).toSchema()));
  }
  return extensions;
}
