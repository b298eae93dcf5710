import { X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { dayMs, formatDay } from "../../time.ts";
import { certificatesOf } from "../files/certificate-file.ts";
import { checkExposure, type KeyAccess, privateKeyOf } from "../files/key-file.ts";
import { secretMode } from "../files/pair-files.ts";
import { malformed, readPemFile } from "../files/pem-file.ts";
import type { Issuer } from "../issuing/certificate.ts";
import {
  exportPrivateKey,
  generatePrivateKey,
  isSupportedKey,
  type KeyType,
  type RandomSource,
} from "../issuing/keys.ts";
import { profiles } from "../issuing/profile.ts";
import { publishBundle, readBundle, refuseForeignBundle } from "./development-bundle.ts";
import { developmentFiles, forceHint } from "./development-files.ts";

/** The one CA that issues this machine's development certificates. */
export interface DevelopmentCa extends Issuer {
  /** Each a sentence. */
  warnings: readonly string[];
}

/** What a new development CA is made from. */
export interface AuthoritySource {
  /** The common name, by which a person recognises it; at most 64 characters. */
  authorityName: string;
  /** ECDSA P-256 unless given. */
  keyType?: KeyType | undefined;
  now: Date;
  random: RandomSource;
}

/** Where the development CA is kept and what a new one is made from. */
export interface DevelopmentCaOptions extends AuthoritySource, KeyAccess {
  /** The certificate folder, whose lock the caller holds. */
  directory: string;
  /** Whether a CA may be made where there is none; it may unless given. */
  mayCreateAuthority?: boolean | undefined;
  /** Whether to replace a bundle that is not this CA's, and a CA that can't be used or is near its end. */
  force: boolean;
}

/** Days that a new leaf must at least be able to live. */
const leastLeafDays = 30;

/**
 * Reads the development CA.
 *
 * @param directory - The certificate folder.
 * @returns The CA, or undefined when there is none yet.
 * @throws CertificateError when its file is damaged or can be read by others, or its key and certificate don't belong
 * together.
 * @throws FileError when its file can't be read.
 */
export async function readDevelopmentCa(directory: string, access: KeyAccess = {}): Promise<DevelopmentCa | undefined> {
  const { authorityFile } = developmentFiles(directory);
  try {
    const file = await readPemFile(authorityFile, "key");
    const warnings = checkExposure(file, access);
    const key = privateKeyOf(file);
    const [certificate] = certificatesOf(file);
    if (!isSupportedKey(key) || !certificate.checkPrivateKey(key)) {
      throw malformed(file, "does not hold the development CA's key and its certificate", forceHint());
    }
    return { certificate, key, warnings };
  } catch (error) {
    if (!(error instanceof CertificateError) || error.code === "KEY_EXPOSED") throw error;
    if (error.code === "KEY_NOT_FOUND") return undefined;
    throw new CertificateError(error.code, error.message, { hint: forceHint(), cause: error });
  }
}

/**
 * Signs the certificate of a development CA with its own key.
 *
 * @returns The certificate in PEM.
 */
export async function signDevelopmentRoot(
  key: Issuer["key"],
  { authorityName, now, random }: Omit<AuthoritySource, "keyType">,
): Promise<string> {
  const { issueCertificate } = await import("../issuing/certificate.ts");
  const subject = { commonName: authorityName };
  return await issueCertificate({
    profile: profiles.developmentRoot,
    subject,
    names: [],
    key,
    issuer: undefined,
    now,
    random,
  });
}

async function write({ directory }: DevelopmentCaOptions, key: Issuer["key"], certificate: string) {
  const { authorityFile } = developmentFiles(directory);
  const text = exportPrivateKey(key) + certificate;
  await writeFileAtomically(authorityFile, text, { mode: secretMode, clobber: true });
  return { key, certificate: new X509Certificate(certificate), warnings: [] };
}

async function createCa(options: DevelopmentCaOptions): Promise<DevelopmentCa> {
  const key = await generatePrivateKey(options.keyType ?? "p256");
  return await write(options, key, await signDevelopmentRoot(key, options));
}

/** A new certificate for the same key and name: what trusts the old one until its end trusts the new one's leaves too. */
async function renewCa({ key, certificate }: DevelopmentCa, options: DevelopmentCaOptions): Promise<DevelopmentCa> {
  const { CN } = certificate.toLegacyObject().subject;
  const authorityName = typeof CN === "string" ? CN : options.authorityName;
  return await write(options, key, await signDevelopmentRoot(key, { ...options, authorityName }));
}

async function readUsableCa(options: DevelopmentCaOptions): Promise<DevelopmentCa | undefined> {
  try {
    return await readDevelopmentCa(options.directory, options);
  } catch (error) {
    if (options.force && error instanceof CertificateError && error.code !== "KEY_EXPOSED") return undefined;
    throw error;
  }
}

function refuseEnding({ certificate }: DevelopmentCa, authorityFile: string): never {
  const end = formatDay(certificate.validToDate);
  throw new CertificateError("CERTIFICATE_EXPIRED", `The development CA in ${authorityFile} ends on ${end}`, {
    hint: "Renew it with `vibectl-server generate-certs --force`, then give clients the new ca-bundle.crt.",
  });
}

/**
 * Gives the development CA that can issue certificates now, with its bundle in place. Makes it when there is none.
 *
 * @throws CertificateError CERTIFICATE_FOREIGN when the bundle is another CA's, CERTIFICATE_EXPIRED when the CA has less
 * than 30 days left, or another code when its file is damaged; none of these with `force`.
 * @throws FileError when a file can't be read or written.
 */
export async function ensureDevelopmentCa(options: DevelopmentCaOptions): Promise<DevelopmentCa> {
  const { directory, force, now } = options;
  const { bundleFile, authorityFile } = developmentFiles(directory);
  const bundle = await readBundle(bundleFile);
  const existing = await readUsableCa(options);
  if (!force) refuseForeignBundle(bundle, existing?.certificate);

  const ending = existing && existing.certificate.validToDate.getTime() - now.getTime() < leastLeafDays * dayMs;
  if (ending && !force) refuseEnding(existing, authorityFile);
  if (!existing && options.mayCreateAuthority === false) {
    throw new CertificateError("CA_NOT_FOUND", `The development CA in ${authorityFile} is gone`, {
      hint: "Put it back. A restart makes a new one, and then all clients need its ca-bundle.crt.",
    });
  }
  const ca = ending ? await renewCa(existing, options) : (existing ?? (await createCa(options)));
  await publishBundle(bundleFile, ca.certificate, { force });
  return ca;
}
