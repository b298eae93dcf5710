import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { CertificateError } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";
import { certificatesOf } from "./certificate-file.ts";
import { publishBundle, readBundle, refuseForeignBundle } from "./development-bundle.ts";
import { developmentFiles, forceHint, secretMode } from "./development-files.ts";
import { exportPrivateKey, exposureWarnings, privateKeyOf } from "./key-file.ts";
import { generatePrivateKey, importSigningKey, type RandomSource } from "./keys.ts";
import { malformed, readPemFile } from "./pem-file.ts";
import { profiles } from "./profile.ts";

/** The one CA that issues this machine's development certificates. */
export interface DevelopmentCa {
  certificate: X509Certificate;
  key: KeyObject;
  /** Each a sentence. */
  warnings: readonly string[];
}

/** Where the development CA is kept and what a new one is made from. */
export interface DevelopmentCaOptions {
  /** The certificate folder. */
  directory: string;
  /** The common name of a new CA, by which a person recognises it; at most 64 characters. */
  authorityName: string;
  now: Date;
  random: RandomSource;
  /** Whether to replace a bundle that is not this CA's, and a CA that can't be used or is near its end. */
  force: boolean;
}

/** Days that a new leaf must at least be able to live. */
const leastLeafDays = 30;
const dayMs = 86_400_000;

/**
 * The signing key of a CA, ready for WebCrypto.
 *
 * @param key - The CA's private key, ECDSA P-256.
 */
export async function signingKeyOf(key: KeyObject): Promise<CryptoKey> {
  return await importSigningKey(Uint8Array.from(key.export({ type: "pkcs8", format: "der" })));
}

/** The SubjectPublicKeyInfo of a private key's other half, in DER. */
export function publicKeyOf(key: KeyObject): Uint8Array {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

/**
 * Reads the development CA.
 *
 * @param directory - The certificate folder.
 * @returns The CA, or undefined when there is none yet.
 * @throws CertificateError when its file is damaged, or its key and certificate don't belong together.
 * @throws FileError when its file can't be read.
 */
export async function readDevelopmentCa(directory: string): Promise<DevelopmentCa | undefined> {
  const { authorityFile } = developmentFiles(directory);
  try {
    const file = await readPemFile(authorityFile, "key");
    const key = privateKeyOf(file);
    const [certificate] = certificatesOf(file);
    if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1" || !certificate.checkPrivateKey(key)) {
      throw malformed(file, "does not hold the development CA's key and its certificate", forceHint());
    }
    return { certificate, key, warnings: exposureWarnings(file) };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    if (error.code === "KEY_NOT_FOUND") return undefined;
    throw new CertificateError(error.code, error.message, { hint: forceHint(), cause: error });
  }
}

async function signRoot(
  key: KeyObject,
  commonName: string,
  { now, random }: Pick<DevelopmentCaOptions, "now" | "random">,
): Promise<string> {
  const { issueCertificate } = await import("./certificate.ts");
  return await issueCertificate({
    profile: profiles.developmentRoot,
    commonName,
    names: [],
    publicKey: publicKeyOf(key),
    signingKey: await signingKeyOf(key),
    issuer: undefined,
    now,
    random,
  });
}

/** Makes a new CA, unless another process makes one at the same time: then that one is taken. */
async function createCa(options: DevelopmentCaOptions, replace: boolean): Promise<DevelopmentCa> {
  const { authorityFile } = developmentFiles(options.directory);
  const keyText = await generatePrivateKey();
  const key = createPrivateKey(keyText);
  const certificateText = await signRoot(key, options.authorityName, options);
  await writeFileAtomically(authorityFile, keyText + certificateText, { mode: secretMode, clobber: replace });
  return await reread(options.directory);
}

/** A new certificate for the same key and name: what trusts the old one until its end trusts the new one's leaves too. */
async function renewCa({ key, certificate }: DevelopmentCa, options: DevelopmentCaOptions): Promise<DevelopmentCa> {
  const { authorityFile } = developmentFiles(options.directory);
  const { CN } = certificate.toLegacyObject().subject;
  const certificateText = await signRoot(key, typeof CN === "string" ? CN : options.authorityName, options);
  const text = exportPrivateKey(key) + certificateText;
  await writeFileAtomically(authorityFile, text, { mode: secretMode, clobber: true });
  return await reread(options.directory);
}

async function reread(directory: string): Promise<DevelopmentCa> {
  const ca = await readDevelopmentCa(directory);
  if (ca) return ca;
  const { authorityFile } = developmentFiles(directory);
  throw new CertificateError("KEY_NOT_FOUND", `${authorityFile} was removed while it was being written`, {
    hint: "Let only one program at a time look after the certificate folder.",
  });
}

async function readUsableCa({
  directory,
  force,
}: DevelopmentCaOptions): Promise<DevelopmentCa | "damaged" | undefined> {
  try {
    return await readDevelopmentCa(directory);
  } catch (error) {
    if (force && error instanceof CertificateError) return "damaged";
    throw error;
  }
}

function refuseEnding({ certificate }: DevelopmentCa, authorityFile: string): never {
  const end = certificate.validToDate.toISOString().slice(0, 10);
  throw new CertificateError("CERTIFICATE_EXPIRED", `The development CA in ${authorityFile} ends on ${end}`, {
    hint: "Renew it with `vibectl-server generate-certs --force`, then give clients the new ca-bundle.crt.",
  });
}

/**
 * Gives the development CA that can issue certificates now, with its bundle in place. Makes it when there is none; of
 * several processes that do so at once, one wins and the others take its CA.
 *
 * @throws CertificateError CERTIFICATE_FOREIGN when the bundle is another CA's, CERTIFICATE_EXPIRED when the CA has less
 * than 30 days left, or another code when its file is damaged; none of these with `force`.
 * @throws FileError when a file can't be read or written.
 */
export async function ensureDevelopmentCa(options: DevelopmentCaOptions): Promise<DevelopmentCa> {
  const { directory, force, now } = options;
  const { bundleFile, authorityFile } = developmentFiles(directory);
  // The bundle is looked at first: it is written last, so whoever sees it sees the CA too.
  const bundle = await readBundle(bundleFile);
  const found = await readUsableCa(options);
  const existing = found === "damaged" ? undefined : found;
  if (!force) refuseForeignBundle(bundle, existing?.certificate);

  const ending = existing && existing.certificate.validToDate.getTime() - now.getTime() < leastLeafDays * dayMs;
  if (ending && !force) refuseEnding(existing, authorityFile);
  const ca = ending ? await renewCa(existing, options) : (existing ?? (await createCa(options, found === "damaged")));
  await publishBundle(bundleFile, ca.certificate, { force });
  return ca;
}
