import type { PairText } from "../../../src/pki/files/pair-files.ts";
import { parseHostNames } from "../../../src/pki/host-names.ts";
import { issueCertificate } from "../../../src/pki/issuing/certificate.ts";
import { exportPrivateKey, generatePrivateKey, systemRandom } from "../../../src/pki/issuing/keys.ts";
import { profiles } from "../../../src/pki/issuing/profile.ts";

/** A new key, and a certificate that it has signed for itself. */
export async function makePairText(): Promise<PairText> {
  const key = await generatePrivateKey("p256");
  const certificate = await issueCertificate({
    profile: profiles.developmentLeaf,
    subject: { commonName: "localhost" },
    names: parseHostNames(["localhost"]),
    key,
    issuer: undefined,
    now: new Date(),
    random: systemRandom,
  });
  return { certificate, key: exportPrivateKey(key) };
}
