import { derTags } from "./der.ts";
import { childOf, type DerNode, decodeTree } from "./der-tree.ts";
import { bitStringIn, objectIdIn } from "./node-values.ts";
import { curveIds, hashIds, keyIds, namesById, signatureIds } from "./object-ids.ts";

/** What kind of public key a certificate holds. */
export interface KeyDescription {
  /** For a person, such as `ECDSA P-256`, `RSA 2048 bits` or `Ed25519`. */
  kind: string;
  /** Such as `RSA`; the object identifier in dotted form where it has no name here. */
  algorithm: string;
  /** The size of an RSA key's modulus, in bits; undefined of other keys. */
  bits: number | undefined;
}

const keyNames = namesById(keyIds);
const curveNames = namesById(curveIds);
const signatureNames = namesById(signatureIds);
const hashNames = namesById(hashIds);

/** The hash of RSASSA-PSS-params: SHA-1 where it is left out (RFC 4055, section 3.1). */
function pssHash(parameters: DerNode | undefined): string {
  const explicit = parameters && childOf(parameters, derTags.constructed0);
  if (explicit === undefined) return "SHA-1";
  const id = objectIdIn(explicit.children[0]?.children[0]);
  return (id && hashNames[id]) ?? id ?? "an unknown hash";
}

/** Names the algorithm of an AlgorithmIdentifier, such as `ECDSA with SHA-256`; in dotted form where it has no name here. */
export function describeSignature({ children: [algorithm, parameters] }: DerNode): string {
  const id = objectIdIn(algorithm);
  if (id === keyIds["RSA-PSS"]) return `RSA-PSS with ${pssHash(parameters)}`;
  return (id && signatureNames[id]) ?? id ?? "unknown";
}

/** The bits of the modulus of an RSAPublicKey (RFC 8017, appendix A.1.1). */
function rsaBits(key: Uint8Array): number | undefined {
  const modulus = decodeTree(key)?.children[0];
  if (modulus?.tag !== derTags.integer) return undefined;
  const start = modulus.contents.findIndex((byte) => byte !== 0);
  const first = modulus.contents[start];
  if (first === undefined) return undefined;
  return (modulus.contents.length - start) * 8 - (Math.clz32(first) - 24);
}

/** The kind of an ECDSA key, by its ECParameters (RFC 5480, section 2.1.1). */
export function ecKeyKind(parameters: DerNode | undefined): string {
  const curve = objectIdIn(parameters);
  return `ECDSA ${(curve && curveNames[curve]) ?? curve ?? "on a curve without a name"}`;
}

/** Describes a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). */
export function describePublicKey({ children: [identifier, key] }: DerNode): KeyDescription {
  const [algorithmId, parameters] = identifier?.children ?? [];
  const id = objectIdIn(algorithmId);
  if (id === undefined) return { kind: "unknown", algorithm: "unknown", bits: undefined };
  const algorithm = keyNames[id] ?? id;
  if (id === keyIds.ECDSA) return { kind: ecKeyKind(parameters), algorithm, bits: undefined };
  const bits = algorithm.startsWith("RSA") ? rsaBits(bitStringIn(key) ?? new Uint8Array()) : undefined;
  return { kind: bits === undefined ? algorithm : `${algorithm} ${bits} bits`, algorithm, bits };
}
