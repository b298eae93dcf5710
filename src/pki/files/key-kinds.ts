import type { PemBlock } from "../encoding/pem.ts";
import { bytesOf } from "../encoding/pem-damage.ts";
import type { Asn1Node } from "../inspection/asn1-tree.ts";

/** Kinds that the runtime knows: where it can't read a key of one, the key is damaged. */
const known = /^(RSA( \d+ bits)?|ECDSA P-(224|256|384|521)|DSA|Ed25519)$/;

/** Kinds without a name: it may be the identifier that is damaged. */
const nameless = /^(unknown|\d+(\.\d+)+|ECDSA \d+(\.\d+)+)$/;

/** `id-ecPublicKey` (RFC 5480, section 2.1.1). */
const ecIdentifier = Buffer.from("06072a8648ce3d0201", "hex");

/** @returns Undefined where the algorithm is known to the runtime, or has no name here either. */
async function unknownKind(keyInfo: Asn1Node): Promise<string | undefined> {
  const { describePublicKey } = await import("../inspection/algorithm-names.ts");
  const { kind } = describePublicKey(keyInfo);
  return known.test(kind) || nameless.test(kind) ? undefined : kind;
}

/**
 * Names the kind of a certificate's key that the runtime can't read.
 *
 * @returns Such as `ECDSA secp256k1`; undefined where it ought to be able to, and the key or the certificate is damaged.
 */
export async function unknownCertificateKind(block: PemBlock): Promise<string | undefined> {
  const { decodeTree } = await import("../inspection/asn1-tree.ts");
  const bytes = bytesOf(block);
  const fields = bytes && decodeTree(bytes)?.children[0]?.children;
  // Seventh of them, or sixth where the version is left out (RFC 5280, section 4.1).
  const keyInfo = fields?.[fields[0]?.tag === 0xa0 ? 6 : 5];
  return keyInfo && (await unknownKind(keyInfo));
}

/**
 * Names the kind of a private key that the runtime can't read.
 *
 * @param block - A PrivateKeyInfo (RFC 5958, section 2) or ECPrivateKey (RFC 5915, section 3).
 * @returns Undefined where it ought to be able to, and the key is damaged.
 */
export async function unknownPrivateKind(block: PemBlock): Promise<string | undefined> {
  const { contextTag, decodeTree, tags } = await import("../inspection/asn1-tree.ts");
  const bytes = bytesOf(block);
  const key = bytes && decodeTree(bytes);
  const algorithm = key?.children[1];
  if (key && algorithm?.tag === tags.sequence) return await unknownKind({ ...key, children: [algorithm] });
  const curve = key?.children.find(({ tag }) => tag === contextTag(0, "constructed"))?.children[0];
  const identifier = decodeTree(ecIdentifier);
  if (!key || !curve || !identifier) return undefined;
  return await unknownKind({ ...key, children: [{ ...key, children: [identifier, curve] }] });
}
