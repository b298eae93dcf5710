import { join } from "node:path";

/** The files of the certificate folder. */
export interface DevelopmentFiles {
  /** The leaf, PEM. */
  certFile: string;
  /** The leaf's private key, PEM, mode 0600. */
  keyFile: string;
  /** The certificate of the development CA, PEM: what clients trust. */
  bundleFile: string;
  /** The development CA's private key and, so that the two are never out of step, its certificate; PEM, mode 0600. */
  authorityFile: string;
}

/** The names that users of vibectl-server know, and the CA's own file beside them. */
export function developmentFiles(directory: string): DevelopmentFiles {
  return {
    certFile: join(directory, "server.crt"),
    keyFile: join(directory, "server.key"),
    bundleFile: join(directory, "ca-bundle.crt"),
    authorityFile: join(directory, "development-ca.key"),
  };
}

/**
 * What to do about a file that this server did not make and therefore leaves alone.
 *
 * @param options - Further ones that the command needs.
 */
export function forceHint(options = ""): string {
  return `To replace it with one of this server's own, run \`vibectl-server generate-certs --force${options}\`.`;
}
