import { describePublicKey, ecKeyKind } from "../encoding/algorithm-names.ts";
import { derTags } from "../encoding/der.ts";
import { childOf, decodeTree } from "../encoding/der-tree.ts";
import type { PemBlock } from "../encoding/pem.ts";
import { bytesOf } from "../encoding/pem-damage.ts";

/** Kinds that the runtime knows: where it can't read a key of one, the key is damaged. */
const known = /^(RSA( \d+ bits)?|ECDSA P-(224|256|384|521)|DSA|Ed25519)$/;

/** Kinds without a name: it may be the identifier that is damaged. */
const nameless = /^(unknown|\d+(\.\d+)+|ECDSA \d+(\.\d+)+)$/;

/** @returns Undefined where the kind is known to the runtime, or has no name here either. */
function unlessKnown(kind: string): string | undefined {
  return known.test(kind) || nameless.test(kind) ? undefined : kind;
}

/**
 * Names the kind of a certificate's key that the runtime can't read.
 *
 * @returns Such as `ECDSA secp256k1`; undefined where it ought to be able to, and the key or the certificate is damaged.
 */
export function unknownCertificateKind(block: PemBlock): string | undefined {
  const bytes = bytesOf(block);
  const fields = bytes && decodeTree(bytes)?.children[0]?.children;
  // Seventh of them, or sixth where the version is left out (RFC 5280, section 4.1).
  const keyInfo = fields?.[fields[0]?.tag === derTags.constructed0 ? 6 : 5];
  return keyInfo && unlessKnown(describePublicKey(keyInfo).kind);
}

/**
 * Names the kind of a private key that the runtime can't read.
 *
 * @param block - A PrivateKeyInfo (RFC 5958, section 2) or ECPrivateKey (RFC 5915, section 3).
 * @returns Undefined where it ought to be able to, and the key is damaged.
 */
export function unknownPrivateKind(block: PemBlock): string | undefined {
  const bytes = bytesOf(block);
  const key = bytes && decodeTree(bytes);
  const algorithm = key?.children[1];
  if (key && algorithm?.tag === derTags.sequence) {
    return unlessKnown(describePublicKey({ ...key, children: [algorithm] }).kind);
  }
  const parameters = key && childOf(key, derTags.constructed0)?.children[0];
  return parameters && unlessKnown(ecKeyKind(parameters));
}
