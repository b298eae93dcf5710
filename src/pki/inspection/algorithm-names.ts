import { type Asn1Node, bitStringOf, contextTag, decodeTree, objectIdOf, tags } from "./asn1-tree.ts";

/** What kind of public key a certificate holds. */
export interface KeyDescription {
  /** For a person, such as `ECDSA P-256`, `RSA 2048 bits` or `Ed25519`. */
  kind: string;
  /** Such as `RSA`; the object identifier in dotted form where it has no name here. */
  algorithm: string;
  /** The size of an RSA key's modulus, in bits; undefined of other keys. */
  bits: number | undefined;
}

const rsaPssId = "1.2.840.113549.1.1.10";
const ecId = "1.2.840.10045.2.1";

/** RFC 3279, RFC 4055, RFC 8410, FIPS 204. */
const keyNames: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.1": "RSA",
  [rsaPssId]: "RSA-PSS",
  [ecId]: "ECDSA",
  "1.2.840.10040.4.1": "DSA",
  "1.3.101.112": "Ed25519",
  "1.3.101.113": "Ed448",
  "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
  "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
  "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
};

/** RFC 5480, RFC 5639, SEC 2. */
const curveNames: Readonly<Record<string, string>> = {
  "1.2.840.10045.3.1.1": "P-192",
  "1.3.132.0.33": "P-224",
  "1.2.840.10045.3.1.7": "P-256",
  "1.3.132.0.34": "P-384",
  "1.3.132.0.35": "P-521",
  "1.3.132.0.10": "secp256k1",
  "1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1",
  "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
  "1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
};

/** RFC 3279, RFC 4055, RFC 5758, RFC 8410, FIPS 204. */
const signatureNames: Readonly<Record<string, string>> = {
  "1.2.840.113549.1.1.2": "RSA with MD2",
  "1.2.840.113549.1.1.4": "RSA with MD5",
  "1.2.840.113549.1.1.5": "RSA with SHA-1",
  "1.2.840.113549.1.1.14": "RSA with SHA-224",
  "1.2.840.113549.1.1.11": "RSA with SHA-256",
  "1.2.840.113549.1.1.12": "RSA with SHA-384",
  "1.2.840.113549.1.1.13": "RSA with SHA-512",
  "1.2.840.10045.4.1": "ECDSA with SHA-1",
  "1.2.840.10045.4.3.1": "ECDSA with SHA-224",
  "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
  "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
  "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
  "1.2.840.10040.4.3": "DSA with SHA-1",
  "2.16.840.1.101.3.4.3.2": "DSA with SHA-256",
  "1.3.101.112": "Ed25519",
  "1.3.101.113": "Ed448",
  "2.16.840.1.101.3.4.3.17": "ML-DSA-44",
  "2.16.840.1.101.3.4.3.18": "ML-DSA-65",
  "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
};

const hashNames: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "SHA-1",
  "2.16.840.1.101.3.4.2.1": "SHA-256",
  "2.16.840.1.101.3.4.2.2": "SHA-384",
  "2.16.840.1.101.3.4.2.3": "SHA-512",
};

/** The hash of RSASSA-PSS-params: SHA-1 where it is left out (RFC 4055, section 3.1). */
function pssHash(parameters: Asn1Node | undefined): string {
  const explicit = parameters?.children.find(({ tag }) => tag === contextTag(0, "constructed"));
  if (explicit === undefined) return "SHA-1";
  const id = objectIdOf(explicit.children[0]?.children[0]);
  return (id && hashNames[id]) ?? id ?? "an unknown hash";
}

/** Names the algorithm of an AlgorithmIdentifier, such as `ECDSA with SHA-256`; in dotted form where it has no name here. */
export function describeSignature({ children: [algorithm, parameters] }: Asn1Node): string {
  const id = objectIdOf(algorithm);
  if (id === rsaPssId) return `RSA-PSS with ${pssHash(parameters)}`;
  return (id && signatureNames[id]) ?? id ?? "unknown";
}

/** The bits of the modulus of an RSAPublicKey (RFC 8017, appendix A.1.1). */
function rsaBits(key: Uint8Array): number | undefined {
  const modulus = decodeTree(key)?.children[0];
  if (modulus?.tag !== tags.integer) return undefined;
  const start = modulus.content.findIndex((byte) => byte !== 0);
  const first = modulus.content[start];
  if (first === undefined) return undefined;
  return (modulus.content.length - start) * 8 - (Math.clz32(first) - 24);
}

/** Describes a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). */
export function describePublicKey({ children: [identifier, key] }: Asn1Node): KeyDescription {
  const id = objectIdOf(identifier?.children[0]);
  if (id === undefined) return { kind: "unknown", algorithm: "unknown", bits: undefined };
  const algorithm = keyNames[id] ?? id;
  if (id === ecId) {
    const curve = objectIdOf(identifier?.children[1]);
    return {
      kind: `ECDSA ${(curve && curveNames[curve]) ?? curve ?? "on a curve without a name"}`,
      algorithm,
      bits: undefined,
    };
  }
  const bits = algorithm.startsWith("RSA") ? rsaBits(bitStringOf(key) ?? new Uint8Array()) : undefined;
  return { kind: bits === undefined ? algorithm : `${algorithm} ${bits} bits`, algorithm, bits };
}
