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

/** Whose certificates clients may show. */
export interface TlsClients {
  /** PEM: the CAs, at least one. Each is trusted for itself, also where it is an intermediate. */
  readonly roots: string;
  /**
   * Whether the handshake fails without a certificate that these CAs vouch for. Otherwise it always passes, and the
   * call's `clientCertificate` tells what came of it.
   */
  readonly required: boolean;
}

export interface TlsOptions {
  readonly identity: TlsIdentity;
  /** The oldest version that is spoken; TLSv1.3 unless given. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  /** No certificate is asked for where absent. */
  readonly clients?: TlsClients | undefined;
}

/** What can be replaced while a server runs. */
export interface TlsUpdate {
  readonly identity: TlsIdentity;
  /** As in {@link TlsClients}; those of before unless given. */
  readonly clientRoots?: string | undefined;
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

const identityHint = "Give a PEM certificate chain, leaf first, and the PEM private key that belongs to the leaf.";
const rootsHint = "Give the certificates of the CAs that issue the clients' certificates, in PEM.";

/** grpc-js's credentials for a server with TLS, whose certificate and client CAs can be replaced while it runs. */
export class TlsCredentials extends ServerCredentials {
  readonly #minVersion: SecureVersion;
  #clientRoots: string | undefined;

  /** @throws CertificateError when the identity or the client CAs can't be used. */
  constructor({ identity, minVersion = "TLSv1.3", clients }: TlsOptions) {
    super(
      { minVersion, requestCert: clients !== undefined, rejectUnauthorized: clients?.required ?? false },
      secureContextOf(identity, clients?.roots, minVersion),
    );
    this.#minVersion = minVersion;
    this.#clientRoots = clients?.roots;
  }

  /**
   * Presents another certificate to connections that come from now on, and holds them against other CAs. Sessions
   * from before can't be resumed: each context has ticket keys of its own.
   *
   * @throws CertificateError when the identity or the CAs can't be used; those of before then stay.
   * @throws TypeError when CAs are given and no certificates are asked for.
   */
  update({ identity, clientRoots = this.#clientRoots }: TlsUpdate): void {
    if (clientRoots !== undefined && this.#clientRoots === undefined) {
      throw new TypeError("a server that asks clients for no certificate has no CAs for them to replace");
    }
    this.updateSecureContextOptions(secureContextOf(identity, clientRoots, this.#minVersion));
    this.#clientRoots = clientRoots;
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

/** All of it has to be in every context: one that is put in place later inherits nothing. */
function secureContextOf(
  { certificateChain, privateKey }: TlsIdentity,
  clientRoots: string | undefined,
  minVersion: SecureVersion,
): SecureContextOptions {
  const served = { cert: certificateChain, key: privateKey, minVersion, ciphers };
  tryContext(served, "the certificate can't be served", identityHint);
  if (clientRoots === undefined) {
    return served;
  }
  if (!clientRoots.includes("-----BEGIN ")) {
    // An empty text would stand for the public CAs.
    throw new CertificateError("CERTIFICATE_MALFORMED", "the CAs of the clients hold no PEM", { hint: rootsHint });
  }
  const trusting = { ...served, ca: clientRoots, allowPartialTrustChain: true };
  tryContext(trusting, "the CAs of the clients can't be used", rootsHint);
  return trusting;
}

function tryContext(options: SecureContextOptions, problem: string, hint: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new CertificateError("CERTIFICATE_MALFORMED", `${problem}: ${messageOf(cause)}`, { hint, cause });
  }
}
