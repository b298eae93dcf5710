import type { keyPurposeIds } from "../encoding/object-ids.ts";
import type { KeyUsage } from "../files/key-usage.ts";

/** What a kind of certificate has in common. */
export interface CertificateProfile {
  /** Days from the first second to the last, unless the request says otherwise. */
  lifetimeDays: number;
  /** What makes it a CA: how many CAs may stand between it and a leaf. Null for a leaf. */
  authority: { pathLength: number } | null;
  keyUsage: readonly KeyUsage[];
  /** Further uses of an RSA key: TLS 1.2 may encrypt to one (RFC 5246, section 7.4.2). */
  rsaKeyUsage: readonly KeyUsage[];
  /** Empty leaves the extension out. */
  extendedKeyUsage: readonly (keyof typeof keyPurposeIds)[];
}

const authorityUsage = { keyUsage: ["keyCertSign", "cRLSign"], rsaKeyUsage: [], extendedKeyUsage: [] } as const;
const serverUsage = {
  keyUsage: ["digitalSignature"],
  rsaKeyUsage: ["keyEncipherment"],
  extendedKeyUsage: ["serverAuth"],
} as const;
const clientUsage = { keyUsage: ["digitalSignature"], rsaKeyUsage: [], extendedKeyUsage: ["clientAuth"] } as const;

/** The kinds of certificates that this server issues. */
export const profiles = {
  root: { lifetimeDays: 3650, authority: { pathLength: 1 }, ...authorityUsage },
  intermediate: { lifetimeDays: 1825, authority: { pathLength: 0 }, ...authorityUsage },
  serverLeaf: { lifetimeDays: 90, authority: null, ...serverUsage },
  clientLeaf: { lifetimeDays: 90, authority: null, ...clientUsage },
  developmentRoot: { lifetimeDays: 3650, authority: { pathLength: 0 }, ...authorityUsage },
  developmentLeaf: { lifetimeDays: 365, authority: null, ...serverUsage },
} as const satisfies Record<string, CertificateProfile>;
