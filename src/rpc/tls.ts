import { createSecureContext, type SecureContextOptions, type SecureVersion } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";
import { CertificateError, messageOf } from "../errors.ts";

/** A certificate chain with its private key. */
export interface TlsIdentity {
  /** PEM: the leaf first, then its intermediates. */
  readonly certificateChain: string;
  /** PEM, not encrypted. */
  readonly privateKey: string;
}

export interface TlsOptions {
  readonly identity: TlsIdentity;
  /** The oldest version that is spoken; TLSv1.3 unless given. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}

/** With TLS 1.2, HTTP/2 forbids every suite without forward secrecy and AEAD (RFC 9113, section 9.2.2). */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** grpc-js's credentials for a server with TLS, whose certificate can be replaced while it runs. */
export class TlsCredentials extends ServerCredentials {
  readonly #minVersion: SecureVersion;

  /** @throws CertificateError when the identity can't be used. */
  constructor({ identity, minVersion = "TLSv1.3" }: TlsOptions) {
    super({ minVersion }, secureContextOf(identity, minVersion));
    this.#minVersion = minVersion;
  }

  /**
   * Presents another certificate to connections that come from now on.
   *
   * @throws CertificateError when the identity can't be used; the one before then stays.
   */
  update(identity: TlsIdentity): void {
    this.updateSecureContextOptions(secureContextOf(identity, this.#minVersion));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** The version has to be in every context: one that is put in place later does not inherit it. */
function secureContextOf({ certificateChain, privateKey }: TlsIdentity, minVersion: SecureVersion) {
  const options: SecureContextOptions = { cert: certificateChain, key: privateKey, minVersion, ciphers };
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new CertificateError("CERTIFICATE_MALFORMED", `the certificate can't be served: ${messageOf(cause)}`, {
      hint: "Give a PEM certificate chain, leaf first, and the PEM private key that belongs to the leaf.",
      cause,
    });
  }
  return options;
}
