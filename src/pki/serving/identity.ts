/** A certificate chain with its private key, checked to belong together. */
export interface Identity {
  /** PEM: the leaf first, then its intermediates. */
  certificateChain: string;
  /** PEM, PKCS#8. */
  privateKey: string;
  /** What the leaf says. */
  leaf: LeafSummary;
}

/** What a person wants to know of a leaf. */
export interface LeafSummary {
  subject: string;
  issuer: string;
  /** Upper-case hexadecimal. */
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
  /** DNS names and IP addresses it is valid for. */
  hosts: readonly string[];
}
