import type { X509Certificate } from "node:crypto";
import { UnauthenticatedError } from "../errors.ts";
import type { CallContext } from "./context.ts";

/** A certificate that the handshake verified, leaf first, as {@link CallContext.clientCertificate} gives it. */
export type ClientChain = readonly [X509Certificate, ...X509Certificate[]];

/** How a client's certificate is told from others. */
export interface ClientIdentification {
  /** Whether a call without a certificate is refused. */
  readonly required: boolean;
  /**
   * The name that a certificate was issued to.
   *
   * @throws UnauthenticatedError when there is none in it.
   */
  subjectOf(chain: ClientChain): string;
  /**
   * Asked at every call, as a connection can live for long after its handshake.
   *
   * @returns Why the certificate does not count, or no longer; undefined when it does.
   */
  objectionTo(chain: ClientChain): string | undefined;
}

/**
 * Finds out whose certificate a call's connection has shown.
 *
 * @returns Their name; undefined when none was shown and none is required.
 * @throws UnauthenticatedError when the certificate does not count, or is missing. The connection of one that counted
 * when it was opened is retired: only a new one can show another certificate.
 */
export function identifyClient(context: CallContext, identification: ClientIdentification): string | undefined {
  const certificate = context.clientCertificate;
  if (certificate === undefined) {
    if (identification.required) {
      throw new UnauthenticatedError("the client showed no certificate");
    }
    return undefined;
  }
  if (!certificate.verified) {
    throw new UnauthenticatedError(certificate.reason);
  }
  const objection = identification.objectionTo(certificate.chain);
  if (objection !== undefined) {
    context.retireConnection();
    throw new UnauthenticatedError(objection);
  }
  return identification.subjectOf(certificate.chain);
}
