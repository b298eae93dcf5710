import { generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { parseHostNames } from "../../../src/pki/host-names.ts";
import { issueCertificate } from "../../../src/pki/issuing/certificate.ts";
import { exportPrivateKey, generatePrivateKey, systemRandom } from "../../../src/pki/issuing/keys.ts";
import { type CertificateProfile, profiles } from "../../../src/pki/issuing/profile.ts";

/** The time that tests take for now. */
export const now = new Date("2027-03-01T12:34:56.789Z");

export const dayMs = 86_400_000;

/** A moment some days from now. */
export function daysFromNow(days: number): Date {
  return new Date(now.getTime() + days * dayMs);
}

/** A key and its certificate. */
export interface Party {
  key: KeyObject;
  /** PKCS#8 in PEM. */
  keyText: string;
  certificate: X509Certificate;
  /** PEM. */
  text: string;
}

export interface PartyOptions {
  commonName?: string;
  hosts?: string[];
  profile?: CertificateProfile;
  issuer?: Party;
  at?: Date;
  key?: KeyObject;
}

/** Issues a certificate as the code under test does, for a new key unless one is given. */
export async function makeParty(options: PartyOptions): Promise<Party> {
  const key = options.key ?? (await generatePrivateKey("p256"));
  const text = await issueCertificate({
    profile: options.profile ?? profiles.developmentLeaf,
    subject: { commonName: options.commonName },
    names: parseHostNames(options.hosts ?? []),
    key,
    issuer: options.issuer,
    now: options.at ?? now,
    random: systemRandom,
  });
  return { key, keyText: exportPrivateKey(key), certificate: new X509Certificate(text), text };
}

/** A CA with two levels below it. */
const rootProfile: CertificateProfile = { ...profiles.developmentRoot, authority: { pathLength: 1 } };

export async function makeRoot(commonName: string, at = now): Promise<Party> {
  return await makeParty({ commonName, profile: rootProfile, at });
}

export async function makeIntermediate(issuer: Party, commonName = "An intermediate"): Promise<Party> {
  return await makeParty({ commonName, profile: profiles.developmentRoot, issuer });
}

/** An RSA key. */
export function makeRsaKey(): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}
