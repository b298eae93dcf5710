/** What a key may do, and the bit that says so (RFC 5280, section 4.2.1.3). */
export const keyUsageBits = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const;

/** What a certificate may be used for, by object identifier (RFC 5280, section 4.2.1.12). */
export const extendedKeyUsageIds = { serverAuth: "1.3.6.1.5.5.7.3.1", clientAuth: "1.3.6.1.5.5.7.3.2" } as const;

/** One of a key's uses. */
export type KeyUsage = keyof typeof keyUsageBits;

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
  extendedKeyUsage: readonly (keyof typeof extendedKeyUsageIds)[];
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
