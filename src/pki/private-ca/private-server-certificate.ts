import { CertificateError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { readCertificates } from "../files/certificate-file.ts";
import type { PairFiles } from "../files/pair-files.ts";
import type { Identity } from "../identity/identity.ts";
import { loadIdentity } from "../identity/load-identity.ts";
import type { KeyType } from "../issuing/keys.ts";
import { isDue } from "../validity.ts";
import { isThere, openPrivateCa, requireCa } from "./private-ca.ts";
import { leafFiles, privateCaFiles } from "./private-ca-files.ts";
import { issueServerLeaf, type LeafOptions, reissueLeaf } from "./private-leaf.ts";

/** What a server's certificate is wanted for. */
export interface ServerCertificateOptions extends LeafOptions {
  /** DNS names and addresses that clients dial; the first names the folder. */
  hosts: readonly [string, ...string[]];
  keyType: KeyType;
}

/** A server's certificate from the private CA. */
export interface ServerCertificate extends PairFiles {
  /** `reissued` replaced a certificate; `issued` had none to replace. */
  outcome: "kept" | "issued" | "reissued";
  identity: Identity;
  /** The root's certificate: what clients trust. */
  bundleFile: string;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** What a new certificate mends. */
const mended = [
  "CERTIFICATE_NOT_FOUND",
  "CERTIFICATE_EXPIRED",
  "CERTIFICATE_NOT_YET_VALID",
  "CERTIFICATE_CHAIN_INCOMPLETE",
  "CERTIFICATE_HOST_MISMATCH",
];

async function load(options: ServerCertificateOptions) {
  const { directory, hosts } = options;
  const files = leafFiles(directory, "server", hosts[0]);
  const { bundleFile, root } = privateCaFiles(directory);
  const trust = { certificates: await readCertificates(root.certFile), source: root.certFile };
  const loaded = await loadIdentity({ ...files, ...options, trust });
  return { ...files, ...loaded, bundleFile };
}

/** The certificate that is there, unless it can't be used any more or is to be renewed. */
async function keep(options: ServerCertificateOptions): Promise<ServerCertificate | undefined> {
  const { directory, now } = options;
  try {
    const loaded = await load(options);
    const [{ validToDate: issuerEnd }] = await readCertificates(privateCaFiles(directory).intermediate.certFile);
    return isDue(loaded.identity.leaf, issuerEnd, now) ? undefined : { outcome: "kept", ...loaded };
  } catch (error) {
    if (error instanceof CertificateError && mended.includes(error.code)) return undefined;
    throw error;
  }
}

/**
 * Gives a certificate from the private CA to serve: the one that is there when it can be used and covers the hosts,
 * otherwise a new one. A folder that can only be read is good enough while nothing has to be written.
 *
 * @throws CertificateError CA_NOT_FOUND, CA_INCOMPLETE, or what is wrong with the CA or a certificate that is there.
 * @throws FileError when a file can't be read or written.
 */
export async function ensureServerCertificate(options: ServerCertificateOptions): Promise<ServerCertificate> {
  const { directory, hosts, now } = options;
  const kept = await keep(options);
  if (kept) return kept;
  await requireCa(directory);
  return await withFolderLock(options, async () => {
    const written = await keep(options);
    if (written) return written;
    const ca = await openPrivateCa(directory, now, options);
    const files = leafFiles(directory, "server", hosts[0]);
    const outcome = (await isThere(files.certFile)) ? "reissued" : "issued";
    const issued =
      outcome === "reissued"
        ? await reissueLeaf(ca, "server", files, options)
        : await issueServerLeaf(ca, hosts, options);
    const loaded = await load(options);
    return { outcome, ...loaded, warnings: [...issued.warnings, ...loaded.warnings] };
  });
}
