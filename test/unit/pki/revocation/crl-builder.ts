import { createPrivateKey, sign, X509Certificate } from "node:crypto";
import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { fieldsOf } from "../../../../src/pki/files/certificate-fields.ts";
import type { OpensslCa } from "../../../openssl-ca.ts";
import { der, oid, utcTime } from "../der-builder.ts";

/** An entry of a list. */
export function entry(serialNumber: string, date: Date, ...extensions: readonly Uint8Array[]): Buffer {
  const kept = extensions.length > 0 ? [der(0x30, ...extensions)] : [];
  return der(0x30, der(0x02, Buffer.from(serialNumber, "hex")), utcTime(date), ...kept);
}

const hourMs = 3_600_000;
const ecdsaWithSha256 = der(0x30, oid("1.2.840.10045.4.3.2"));

/** The parts of a list, each replaceable by what it must not be. */
export interface CrlParts {
  version?: Uint8Array;
  algorithm?: Uint8Array;
  innerAlgorithm?: Uint8Array;
  issuer?: Uint8Array;
  thisUpdate?: Uint8Array;
  nextUpdate?: Uint8Array;
  entries?: readonly Uint8Array[];
  extensions?: readonly Uint8Array[];
  /** Changes the signature. */
  spoil?: (signature: Buffer) => Uint8Array;
}

/** Builds and signs a list that openssl would not make; in DER. */
export function buildCrl(ca: OpensslCa, parts: CrlParts = {}): Buffer {
  const { algorithm = ecdsaWithSha256, entries = [], extensions = [], spoil = (signature) => signature } = parts;
  const signed = der(
    0x30,
    parts.version ?? der(0x02, Buffer.of(1)),
    parts.innerAlgorithm ?? algorithm,
    parts.issuer ?? fieldsOf(new X509Certificate(ca.cert)).subject,
    parts.thisUpdate ?? utcTime(new Date(Date.now() - hourMs)),
    parts.nextUpdate ?? utcTime(new Date(Date.now() + hourMs)),
    ...(entries.length > 0 ? [der(0x30, ...entries)] : []),
    ...(extensions.length > 0 ? [der(0xa0, der(0x30, ...extensions))] : []),
  );
  const signature = sign("sha256", signed, createPrivateKey(ca.key));
  return der(0x30, signed, algorithm, der(0x03, Buffer.of(0), spoil(signature)));
}

/** PEM of a list. */
export function crlText(list: Uint8Array): string {
  return encodePem("X509 CRL", list);
}
