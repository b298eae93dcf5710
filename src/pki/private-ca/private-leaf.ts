import { type KeyObject, X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { dayMs, formatDay } from "../../time.ts";
import type { LeafSummary } from "../files/certificate-file.ts";
import { type Certificates, hostsOf, isIssuedBy, readCertificates, summariseLeaf } from "../files/certificate-file.ts";
import { type KeyAccess, readPrivateKey } from "../files/key-file.ts";
import { type PairFiles, publicMode, writePair } from "../files/pair-files.ts";
import { type HostName, parseHostNames } from "../host-names.ts";
import { issueCertificate } from "../issuing/certificate.ts";
import {
  exportPrivateKey,
  generatePrivateKey,
  type KeyType,
  kindWarnings,
  type RandomSource,
} from "../issuing/keys.ts";
import { profiles } from "../issuing/profile.ts";
import { keepPredecessor } from "./leaf-history.ts";
import { isThere, openPrivateCa, type PrivateCa, requireCa } from "./private-ca.ts";
import { type LeafKind, leafFiles, privateCaFiles } from "./private-ca-files.ts";

/** What the CA issues from, beside the names. */
export interface LeafOptions extends KeyAccess {
  /** The CA folder. */
  directory: string;
  /** Days until it ends; 90 unless given. It ends no later than the intermediate in any case. */
  lifetimeDays?: number | undefined;
  now: Date;
  random: RandomSource;
}

/** A leaf to make. */
export interface NewLeafOptions extends LeafOptions {
  keyType: KeyType;
  /** Whether a certificate of the same name gives way. */
  force: boolean;
}

/** A leaf that was issued. */
export interface IssuedLeaf extends PairFiles {
  leaf: LeafSummary;
  /** The root's certificate: what the other side trusts. */
  bundleFile: string;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** What goes into a leaf. */
interface LeafContent {
  kind: LeafKind;
  /** A common name, or the certificate that this one succeeds. */
  subject: { commonName: string | undefined } | X509Certificate;
  names: readonly HostName[];
  key: KeyObject;
  /** Whether the key lies at its place already. */
  kept: boolean;
}

const longestName = 64;

/** Signs a leaf and writes it with the intermediate that issued it, so that clients need the root alone. */
async function issueInto(
  ca: PrivateCa,
  files: PairFiles,
  { kind, kept, ...content }: LeafContent,
  { lifetimeDays, now, random }: LeafOptions,
): Promise<IssuedLeaf> {
  const profile = kind === "server" ? profiles.serverLeaf : profiles.clientLeaf;
  const text = await issueCertificate({ profile, issuer: ca.intermediate, lifetimeDays, now, random, ...content });
  const certificate = text + ca.intermediate.certificate.toString();
  await keepPredecessor(files, now);
  await writePair(files, { certificate, key: kept ? undefined : exportPrivateKey(content.key) });
  const leaf = summariseLeaf(new X509Certificate(text));
  const end = ca.intermediate.certificate.validToDate;
  const cut = leaf.notAfter.getTime() === end.getTime();
  const warnings = cut ? [`The certificate ends with the CA's intermediate, on ${formatDay(end)}`] : [];
  const { bundleFile } = privateCaFiles(ca.directory);
  // Written only where it has been lost.
  await writeFileAtomically(bundleFile, ca.root.toString(), { mode: publicMode, clobber: false });
  return {
    ...files,
    leaf,
    bundleFile,
    warnings: [...ca.warnings, ...kindWarnings(content.key, ca.intermediate.key), ...warnings],
  };
}

function serverContent(hosts: readonly string[]): Omit<LeafContent, "key" | "kept"> {
  const names = parseHostNames(hosts);
  // Below name constraints, verifiers take a common name for a DNS name.
  const commonName = names.find(({ kind, value }) => kind === "dns" && value.length <= longestName)?.value;
  return { kind: "server", subject: { commonName }, names };
}

async function createLeaf(
  files: PairFiles,
  content: Omit<LeafContent, "key" | "kept">,
  options: NewLeafOptions,
): Promise<IssuedLeaf> {
  await requireCa(options.directory);
  return await withFolderLock(options, async () => {
    const ca = await openPrivateCa(options.directory, options.now, options);
    if (!options.force && (await isThere(files.certFile))) {
      throw new CertificateError("CERTIFICATE_EXISTS", `There is a certificate in ${files.certFile} already`, {
        hint: "Renew it with `vibectl-server ca renew`, or replace it and its key with --force.",
      });
    }
    return await issueInto(
      ca,
      files,
      { ...content, key: await generatePrivateKey(options.keyType), kept: false },
      options,
    );
  });
}

/**
 * Issues a server's certificate, in `server_certs/HOST/`.
 *
 * @param hosts - DNS names and addresses that clients dial; the first names the folder.
 * @throws CertificateError CERTIFICATE_EXISTS, HOST_NAME_INVALID, HOST_NAME_NOT_PERMITTED, or what is wrong with the CA.
 * @throws FileError when it can't be written.
 */
export async function createServerCertificate(
  hosts: readonly [string, ...string[]],
  options: NewLeafOptions,
): Promise<IssuedLeaf> {
  return await createLeaf(leafFiles(options.directory, "server", hosts[0]), serverContent(hosts), options);
}

/**
 * Issues a server's certificate where there is none. The caller holds the folder's lock.
 *
 * @param hosts - As {@link createServerCertificate} takes them.
 */
export async function issueServerLeaf(
  ca: PrivateCa,
  hosts: readonly [string, ...string[]],
  options: LeafOptions & { keyType: KeyType },
): Promise<IssuedLeaf> {
  const key = await generatePrivateKey(options.keyType);
  const files = leafFiles(ca.directory, "server", hosts[0]);
  return await issueInto(ca, files, { ...serverContent(hosts), key, kept: false }, options);
}

/**
 * Issues a certificate for a client of mutual TLS, in `client_certs/NAME/`.
 *
 * @param name - Who it is: the common name, by which a server knows the caller.
 * @throws CertificateError CERTIFICATE_EXISTS, SUBJECT_INVALID, or what is wrong with the CA.
 * @throws FileError when it can't be written.
 */
export async function createClientCertificate(name: string, options: NewLeafOptions): Promise<IssuedLeaf> {
  const files = leafFiles(options.directory, "client", name);
  return await createLeaf(files, { kind: "client", subject: { commonName: name }, names: [] }, options);
}

/**
 * The days that a certificate lived, so that its successor lives as long. Undefined where its issuer's end cut it short:
 * then nobody knows for how long it was meant to live.
 */
function lifetimeOf([{ validFromDate, validToDate }, issuer]: Certificates): number | undefined {
  if (issuer && validToDate.getTime() === issuer.validToDate.getTime()) return undefined;
  return Math.max(1, Math.round((validToDate.getTime() - validFromDate.getTime()) / dayMs));
}

/**
 * Issues a leaf anew for its name, its hosts and its key. The caller holds the folder's lock.
 *
 * @param files - Where it lies.
 * @throws CertificateError CERTIFICATE_FOREIGN when another CA issued it, or what is wrong with a file or the CA.
 * @throws FileError when a file can't be read or written.
 */
export async function reissueLeaf(
  ca: PrivateCa,
  kind: LeafKind,
  files: PairFiles,
  options: LeafOptions & { hosts?: readonly string[] | undefined },
): Promise<IssuedLeaf> {
  const chain = await readCertificates(files.certFile);
  const [certificate] = chain;
  if (!isIssuedBy(certificate, ca.intermediate.certificate)) {
    const message = `The CA in ${ca.directory} did not issue the certificate in ${files.certFile}`;
    throw new CertificateError("CERTIFICATE_FOREIGN", message, {
      hint: `Replace it with \`vibectl-server ca create-${kind}-cert\` and --force.`,
    });
  }
  const { key } = await readPrivateKey(files.keyFile, options);
  const names = parseHostNames([...hostsOf(certificate), ...(options.hosts ?? [])]);
  const lifetimeDays = options.lifetimeDays ?? lifetimeOf(chain);
  return await issueInto(
    ca,
    files,
    { kind, subject: certificate, names, key, kept: true },
    { ...options, lifetimeDays },
  );
}
