import { X509Certificate } from "node:crypto";
import { summariseLeaf } from "../files/certificate-file.ts";
import { parseHostNames } from "../host-names.ts";
import type { Identity } from "../identity/identity.ts";
import { exportPrivateKey, generatePrivateKey, type RandomSource } from "../issuing/keys.ts";
import { developmentAuthorityName } from "./authority-name.ts";
import { signDevelopmentRoot } from "./development-ca.ts";
import { dialledHosts, furtherHosts } from "./development-certificate.ts";
import { signDevelopmentLeaf } from "./development-pair.ts";

/** What certificates in memory are made for. */
export interface EphemeralOptions {
  /** Names that the certificate must cover. The unspecified addresses are left out: no client dials them. */
  hosts: readonly string[];
  /** Names that it covers too, where they are host names. */
  likelyHosts: readonly string[];
  now: Date;
  random: RandomSource;
}

/** A development CA that lies in memory alone, and ends with the process. */
export interface EphemeralAuthority {
  /** The CA's certificate, PEM: what clients trust. */
  bundle: string;
  /** Issues a leaf for the same names and a new key. */
  issue(now: Date): Promise<Identity>;
}

/**
 * Makes a development CA and writes nothing.
 *
 * @throws CertificateError HOST_NAME_INVALID for a host that is none.
 */
export async function createEphemeralAuthority(options: EphemeralOptions): Promise<EphemeralAuthority> {
  const { likelyHosts, now, random } = options;
  const names = parseHostNames([...dialledHosts(options.hosts), ...furtherHosts(likelyHosts)]);
  const rootKey = await generatePrivateKey("p256");
  const bundle = await signDevelopmentRoot(rootKey, { authorityName: developmentAuthorityName(), now, random });
  const issuer = { key: rootKey, certificate: new X509Certificate(bundle) };
  return {
    bundle,
    async issue(at) {
      const key = await generatePrivateKey("p256");
      const certificateChain = await signDevelopmentLeaf(issuer, { key, names, now: at, random });
      const leaf = summariseLeaf(new X509Certificate(certificateChain));
      return { certificateChain, privateKey: exportPrivateKey(key), leaf };
    },
  };
}
