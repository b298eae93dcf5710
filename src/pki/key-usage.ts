import type { X509Certificate } from "node:crypto";
import type { BitString } from "asn1js";
import { Certificate } from "pkijs";
import { type KeyUsage, keyUsageBits } from "./profile.ts";

/** Whether a certificate's key may be used for something. Without the extension it may be used for everything (RFC 5280, section 4.2.1.3). */
export function mayBeUsedFor(certificate: X509Certificate, usage: KeyUsage): boolean {
  const { extensions = [] } = Certificate.fromBER(Uint8Array.from(certificate.raw));
  const extension = extensions.find(({ extnID }) => extnID === "2.5.29.15");
  if (!extension) return true;
  const [byte = 0] = (extension.parsedValue as BitString).valueBlock.valueHexView;
  return (byte & (0x80 >> keyUsageBits[usage])) !== 0;
}
