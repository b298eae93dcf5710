import { type KeyObject, X509Certificate } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CertificateError } from "../../errors.ts";
import { withFolderLock } from "../../file-lock.ts";
import { syncFolder, writeError, writeFileAtomically } from "../../safe-file.ts";
import { type PairFiles, publicMode, secretMode } from "../files/pair-files.ts";
import { issueCertificate } from "../issuing/certificate.ts";
import { encryptPrivateKey } from "../issuing/encrypted-key.ts";
import { exportPrivateKey, generatePrivateKey, type KeyType, type RandomSource } from "../issuing/keys.ts";
import { profiles } from "../issuing/profile.ts";
import { privateCaFiles } from "./private-ca-files.ts";
import { signList } from "./private-ca-revocation.ts";

/** What a new CA is made from. */
export interface PrivateCaOptions {
  /** The CA folder. */
  directory: string;
  /** The common names, at most 64 characters each. */
  rootName: string;
  intermediateName: string;
  /** At most 64 characters. */
  organization?: string | undefined;
  /** Two letters (ISO 3166-1). */
  country?: string | undefined;
  keyType: KeyType;
  /** The domains that the CA is held to, and then to no address; to nothing unless given. */
  permittedDomains?: readonly string[] | undefined;
  /** Encrypts the root's key. */
  passphrase?: string | undefined;
  /** Whether a folder that every user can write in is taken. */
  allowLoosePermissions?: boolean | undefined;
  /** Whether a CA that is there gives way; it is kept beside the new one. */
  force: boolean;
  now: Date;
  random: RandomSource;
}

/** A CA that was made. */
export interface InitialisedCa {
  root: X509Certificate;
  intermediate: X509Certificate;
  /** The folder that the CA before this one was moved to; undefined when there was none. */
  replaced: string | undefined;
}

interface MadePair {
  key: KeyObject;
  certificate: X509Certificate;
  text: string;
}

async function makePairs(options: PrivateCaOptions): Promise<{ root: MadePair; intermediate: MadePair }> {
  const { organization, country, keyType, permittedDomains, now, random } = options;
  const make = async (profile: "root" | "intermediate", commonName: string, issuer?: MadePair): Promise<MadePair> => {
    const key = await generatePrivateKey(keyType);
    const subject = { commonName, organization, country };
    const common = { profile: profiles[profile], subject, names: [], key, permittedDomains, now, random };
    const text = await issueCertificate({ ...common, issuer });
    return { key, text, certificate: new X509Certificate(text) };
  };
  const root = await make("root", options.rootName);
  return { root, intermediate: await make("intermediate", options.intermediateName, root) };
}

async function writeNewPair({ certFile, keyFile }: PairFiles, key: string, certificate: string): Promise<void> {
  await writeFileAtomically(keyFile, key, { mode: secretMode, clobber: false });
  await writeFileAtomically(certFile, certificate, { mode: publicMode, clobber: false });
}

/** What a CA folder has of its own; other things may lie there too. */
const ownNames = ["root", "intermediate", "ca-bundle.crt", "crl.pem", "server_certs", "client_certs", "revoked"];

async function isTaken(directory: string): Promise<boolean> {
  return (await readdir(directory)).some((name) => ownNames.includes(name));
}

/** Moves a CA into a folder of its own below it. */
async function setAside(directory: string, now: Date): Promise<string> {
  const place = join(directory, `replaced-${now.toISOString().replaceAll(/[:.]/g, "-")}`);
  const names = (await readdir(directory)).filter((name) => ownNames.includes(name));
  await mkdir(place, { mode: 0o700 });
  for (const name of names) await rename(join(directory, name), join(place, name));
  await syncFolder(directory);
  return place;
}

/** The root comes last: without its certificate there is no CA. */
async function moveIn(staging: string, directory: string): Promise<void> {
  const [from, to] = [privateCaFiles(staging), privateCaFiles(directory)];
  await rename(dirname(from.intermediate.certFile), dirname(to.intermediate.certFile));
  await rename(from.bundleFile, to.bundleFile);
  await rename(from.crlFile, to.crlFile);
  await rename(dirname(from.root.certFile), dirname(to.root.certFile));
  await syncFolder(directory);
}

/**
 * Makes a CA: a root, and an intermediate that issues the leaves. It is made aside and then moved in, so that a crash
 * leaves no half of it that looks like a CA; one that is there already is never overwritten.
 *
 * @throws CertificateError CA_EXISTS when there is one already and `force` is not set; SUBJECT_INVALID or
 * HOST_NAME_INVALID for a name that can't be in a certificate.
 * @throws FileError when the folder can't be written.
 */
export async function initialisePrivateCa(options: PrivateCaOptions): Promise<InitialisedCa> {
  const { directory, force, now, passphrase, random } = options;
  const { root, intermediate } = await makePairs(options);
  const rootKey =
    passphrase === undefined ? exportPrivateKey(root.key) : await encryptPrivateKey(root.key, passphrase, random);
  return await withFolderLock(options, async () => {
    const taken = await isTaken(directory);
    if (taken && !force) {
      throw new CertificateError("CA_EXISTS", `There is a CA in ${directory} already`, {
        hint: "Name another folder with --ca-dir; --force makes a new CA, and keeps the old one beside it.",
      });
    }
    const staging = join(directory, `.new.${crypto.randomUUID().slice(0, 8)}.tmp`);
    const files = privateCaFiles(staging);
    try {
      await writeNewPair(files.root, rootKey, root.text);
      await writeNewPair(files.intermediate, exportPrivateKey(intermediate.key), intermediate.text);
      await writeFileAtomically(files.bundleFile, root.text, { mode: publicMode, clobber: false });
      const list = await signList(intermediate, new Map(), now);
      await writeFileAtomically(files.crlFile, list, { mode: publicMode, clobber: false });
      const replaced = taken ? await setAside(directory, now) : undefined;
      await moveIn(staging, directory);
      return { root: root.certificate, intermediate: intermediate.certificate, replaced };
    } catch (error) {
      throw writeError(join(directory, basename(files.bundleFile)), error);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
}
