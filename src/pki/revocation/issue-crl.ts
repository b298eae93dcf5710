import { Enumerated, Integer, OctetString } from "asn1js";
import {
  AuthorityKeyIdentifier,
  Certificate,
  CertificateRevocationList,
  Extension,
  Extensions,
  RevokedCertificate,
} from "pkijs";
import { crlExtensionIds, extensionIds } from "../encoding/object-ids.ts";
import { encodePem } from "../encoding/pem.ts";
import { encodeTime, type Issuer, issuerKeyIdentifier } from "../issuing/certificate.ts";
import { signContent } from "../issuing/signature.ts";
import { type CrlEntry, crlReasons } from "./crl.ts";

/** What a revocation list says. */
export interface CrlContent {
  /** By serial number in hexadecimal. */
  revoked: ReadonlyMap<string, CrlEntry>;
  thisUpdate: Date;
  nextUpdate: Date;
}

function reasonExtension(reason: string): Extensions | undefined {
  const code = Number(Object.keys(crlReasons).find((key) => crlReasons[Number(key)] === reason) ?? 0);
  // RFC 5280, section 5.3.1: instead of "unspecified" there is no reason at all.
  if (code === 0) return undefined;
  const value = new Enumerated({ value: code }).toBER();
  return new Extensions({
    extensions: [new Extension({ extnID: crlExtensionIds.reasonCode, critical: false, extnValue: value })],
  });
}

/** The bytes of a positive INTEGER: its first bit is the sign (X.690, section 8.3.3). */
function positive(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from((bytes[0] ?? 0) < 0x80 ? bytes : [0, ...bytes]);
}

function encodeEntry([serialNumber, { date, reason }]: readonly [string, CrlEntry]): RevokedCertificate {
  const extensions = reasonExtension(reason);
  return new RevokedCertificate({
    userCertificate: new Integer({ valueHex: positive(Buffer.from(serialNumber, "hex")).buffer }),
    revocationDate: encodeTime(new Date(date)),
    ...(extensions ? { crlEntryExtensions: extensions } : {}),
  });
}

/**
 * Signs a revocation list (RFC 5280, section 5). Its number is the time, so that it grows with each.
 *
 * @returns The list in PEM.
 */
export async function issueCrl(issuer: Issuer, { revoked, thisUpdate, nextUpdate }: CrlContent): Promise<string> {
  const certificate = Certificate.fromBER(Uint8Array.from(issuer.certificate.raw));
  const keyIdentifier = new OctetString({ valueHex: await issuerKeyIdentifier(certificate) });
  const extension = (extnID: string, value: ArrayBuffer) =>
    new Extension({ extnID, critical: false, extnValue: value });
  const entries = [...revoked].map(encodeEntry);
  const list = new CertificateRevocationList({
    version: 1,
    issuer: certificate.subject,
    thisUpdate: encodeTime(thisUpdate),
    nextUpdate: encodeTime(nextUpdate),
    ...(entries.length > 0 ? { revokedCertificates: entries } : {}),
    crlExtensions: new Extensions({
      extensions: [
        extension(
          extensionIds.authorityKeyIdentifier,
          new AuthorityKeyIdentifier({ keyIdentifier }).toSchema().toBER(),
        ),
        extension(crlExtensionIds.cRLNumber, Integer.fromBigInt(BigInt(thisUpdate.getTime())).toBER()),
      ],
    }),
  });
  await signContent(list, issuer.key);
  return encodePem("X509 CRL", list.toSchema(true).toBER());
}
