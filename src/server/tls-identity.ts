import { hostname } from "node:os";
import type { Paths } from "../config/paths.ts";
import type { Configuration } from "../config/schema.ts";
import { ConfigurationError } from "../errors.ts";
import { ensureDevelopmentCertificate } from "../pki/development-certificate.ts";
import type { Identity } from "../pki/identity.ts";
import { loadIdentity } from "../pki/load-identity.ts";

/** The certificate to serve and what is to be said of it. */
export interface TlsIdentity {
  identity: Identity;
  certFile: string;
  /** The file that clients trust; undefined where this server does not know it. */
  trustRoot: string | undefined;
  /** What was done to have it. */
  outcome: "loaded" | "kept" | "issued" | "reissued";
  warnings: readonly string[];
}

/**
 * Loads the certificate that the configuration names, or keeps one that this server issues itself.
 *
 * @param server - The configuration's section.
 * @param paths - Where certificates are kept.
 * @param generate - Whether a certificate may be made where the named one is absent or no longer fits.
 * @throws CertificateError, FileError or ConfigurationError when there is none to serve.
 */
export async function loadTlsIdentity(
  server: Configuration["server"],
  paths: Paths,
  { generate }: { generate: boolean },
): Promise<TlsIdentity> {
  const { cert_file: cert, key_file: key } = server;
  if (!cert !== !key) {
    const [given, missing] = cert ? ["cert_file", "key_file"] : ["key_file", "cert_file"];
    throw new ConfigurationError(`server.${given} is set, but server.${missing} is not`, {
      hint: `Set both, or neither for a certificate that this server makes itself.`,
    });
  }
  const now = new Date();
  if (cert && key && !generate) {
    const { identity, warnings } = await loadIdentity({ certFile: cert, keyFile: key, now });
    return { identity, certFile: cert, trustRoot: undefined, outcome: "loaded", warnings };
  }
  const { identity, bundleFile, certFile, outcome, warnings } = await ensureDevelopmentCertificate({
    directory: paths.certificates,
    ...(cert && key ? { certFile: cert, keyFile: key } : {}),
    hosts: [server.host],
    likelyHosts: [hostname()],
    now,
  });
  return { identity, certFile, trustRoot: bundleFile, outcome, warnings };
}
