import type { KeyObject } from "node:crypto";
import { BitString, Null, type Sequence } from "asn1js";
import { AlgorithmIdentifier, type Certificate, type CertificateRevocationList, createCMSECDSASignature } from "pkijs";
import { importSigningKey } from "./keys.ts";

/**
 * Signs as PKIjs would, which leaves out the NULL that an RSA signature's parameters must be (RFC 4055, section 5).
 *
 * @param content - All but its signature is there.
 * @throws CertificateError KEY_UNSUPPORTED for a kind of key that clients may not take.
 */
export async function signContent(content: Certificate | CertificateRevocationList, key: KeyObject): Promise<void> {
  const { key: signer, scheme } = await importSigningKey(key);
  const parameters = scheme.isEcdsa ? {} : { algorithmParams: new Null() };
  content.signature = new AlgorithmIdentifier({ algorithmId: scheme.id, ...parameters });
  content.signatureAlgorithm = content.signature;
  const signed: Sequence = content.toSchema(true).valueBlock.value[0];
  const algorithm = { name: signer.algorithm.name, hash: scheme.hash };
  const signature = await crypto.subtle.sign(algorithm, signer, signed.toBER());
  // WebCrypto gives the two integers of an ECDSA signature bare; certificates hold a sequence of them.
  const valueHex = scheme.isEcdsa ? createCMSECDSASignature(signature) : signature;
  content.signatureValue = new BitString({ valueHex });
}
