import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/**
 * The CAs that a provider's certificate may be from: those that the runtime trusts (its own, those of NODE_EXTRA_CA_CERTS,
 * and the system's where it was told to), and the given ones.
 *
 * @param ca - PEM text of certificates; nothing for the runtime's CAs alone.
 */
export function trusting(ca: string | undefined): SecureContext | undefined {
  return ca === undefined ? undefined : createSecureContext({ ca: [...getCACertificates("default"), ca] });
}
