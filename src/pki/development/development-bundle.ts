import type { X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { readCertificates } from "../files/certificate-file.ts";
import { publicMode } from "../files/pair-files.ts";
import { forceHint } from "./development-files.ts";

/** The file that clients trust, as it lies on disk. */
export interface Bundle {
  path: string;
  /** Undefined when there is no file; empty when it holds something else. */
  certificates: readonly X509Certificate[] | undefined;
}

/** What a bundle is to a CA: `outdated` holds an earlier certificate of the same key. */
type BundleState = "absent" | "current" | "outdated" | "foreign";

/**
 * Reads the bundle.
 *
 * @throws FileError when it can't be read.
 */
export async function readBundle(path: string): Promise<Bundle> {
  try {
    return { path, certificates: await readCertificates(path) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { path, certificates: error.code === "CERTIFICATE_NOT_FOUND" ? undefined : [] };
  }
}

/**
 * What a bundle is to a CA.
 *
 * @param authority - The CA's certificate; undefined when there is none.
 */
export function stateOf({ certificates }: Bundle, authority: X509Certificate | undefined): BundleState {
  if (certificates === undefined) return "absent";
  if (authority === undefined || certificates.length === 0) return "foreign";
  if (certificates.some(({ raw }) => raw.equals(authority.raw))) return "current";
  return certificates.every(({ publicKey }) => publicKey.equals(authority.publicKey)) ? "outdated" : "foreign";
}

/**
 * Makes sure that a bundle may be written.
 *
 * @param authority - The development CA; undefined when there is none, and any bundle is therefore another's.
 * @throws CertificateError CERTIFICATE_FOREIGN when the bundle is not that CA's.
 */
export function refuseForeignBundle(bundle: Bundle, authority: X509Certificate | undefined): void {
  if (stateOf(bundle, authority) !== "foreign") return;
  throw new CertificateError("CERTIFICATE_FOREIGN", `${bundle.path} does not hold this server's development CA`, {
    hint: forceHint(),
  });
}

/**
 * Puts the CA's certificate where clients look for it, unless it is there.
 *
 * @param path - The bundle.
 * @param authority - The CA's certificate.
 * @param options - `force` replaces a bundle that is not this CA's.
 * @throws CertificateError CERTIFICATE_FOREIGN when the bundle is not this CA's.
 * @throws FileError when it can't be written.
 */
export async function publishBundle(
  path: string,
  authority: X509Certificate,
  { force }: { force: boolean },
): Promise<void> {
  const bundle = await readBundle(path);
  if (!force) refuseForeignBundle(bundle, authority);
  const state = stateOf(bundle, authority);
  if (state === "current") return;
  await writeFileAtomically(path, authority.toString(), { mode: publicMode, clobber: state !== "absent" });
}
