import type { LeafSummary } from "../files/certificate-file.ts";

/** A certificate chain with its private key, checked to belong together. */
export interface Identity {
  /** PEM: the leaf first, then its intermediates. */
  certificateChain: string;
  /** PEM, PKCS#8. */
  privateKey: string;
  /** What the leaf says. */
  leaf: LeafSummary;
}
