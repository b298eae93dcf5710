import type { X509Certificate } from "node:crypto";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CertificateError, systemCodeOf } from "../../errors.ts";
import { removeFile, writeFileAtomically } from "../../safe-file.ts";
import { readCertificates } from "../files/certificate-file.ts";
import { type PairFiles, publicMode } from "../files/pair-files.ts";

const history = "issued";

/** Where the certificates lie that a leaf had before; they may still be in somebody's hands. */
function historyOf({ certFile }: PairFiles): string {
  return join(dirname(certFile), history);
}

/** The leaf in a file; undefined when there is none that can be read. */
async function leafIn(file: string): Promise<X509Certificate | undefined> {
  try {
    return (await readCertificates(file))[0];
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith(".crt")).map((name) => join(folder, name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return [];
    throw error;
  }
}

/**
 * Keeps the certificate that is about to be replaced for as long as it is valid, so that who revokes the leaf revokes it
 * too; those that have ended are removed.
 *
 * @param files - Where the leaf lies.
 * @throws FileError when it can't be written.
 */
export async function keepPredecessor(files: PairFiles, now: Date): Promise<void> {
  for (const file of await filesIn(historyOf(files))) {
    const certificate = await leafIn(file);
    if (!certificate || certificate.validToDate < now) await removeFile(file);
  }
  const certificate = await leafIn(files.certFile);
  if (!certificate || certificate.validToDate < now) return;
  const file = join(historyOf(files), `${certificate.serialNumber.toLowerCase()}.crt`);
  await writeFileAtomically(file, certificate.toString(), { mode: publicMode, clobber: true });
}

/** Every certificate in a folder and below it. */
export async function certificatesBelow(folder: string): Promise<X509Certificate[]> {
  const files = [...(await filesIn(folder)), ...(await filesIn(join(folder, history)))];
  return (await Promise.all(files.map(leafIn))).filter((certificate) => certificate !== undefined);
}

/** Every certificate of a leaf that may still be in somebody's hands, the present one first. */
export async function issuedCertificates(files: PairFiles): Promise<X509Certificate[]> {
  const places = [files.certFile, ...(await filesIn(historyOf(files)))];
  const certificates = await Promise.all(places.map(leafIn));
  return certificates.filter((certificate) => certificate !== undefined);
}
