/** What a key may do, and the bit that says so (RFC 5280, section 4.2.1.3). */
export const keyUsageBits = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

/** What a certificate may be used for, by object identifier (RFC 5280, section 4.2.1.12). */
export const extendedKeyUsageIds = { serverAuth: "1.3.6.1.5.5.7.3.1" } as const;

/** What a kind of certificate has in common. */
export interface CertificateProfile {
  /** Days from the first second to the last. */
  lifetimeDays: number;
  /** What makes it a CA: how many CAs may stand between it and a leaf. Null for a leaf. */
  authority: { pathLength: number } | null;
  keyUsage: readonly (keyof typeof keyUsageBits)[];
  /** Empty leaves the extension out. */
  extendedKeyUsage: readonly (keyof typeof extendedKeyUsageIds)[];
}

/** The kinds of certificates that this server issues. */
export const profiles = {
  developmentRoot: {
    lifetimeDays: 3650,
    authority: { pathLength: 0 },
    keyUsage: ["keyCertSign", "cRLSign"],
    extendedKeyUsage: [],
  },
  developmentLeaf: {
    lifetimeDays: 365,
    authority: null,
    keyUsage: ["digitalSignature"],
    extendedKeyUsage: ["serverAuth"],
  },
} as const satisfies Record<string, CertificateProfile>;
