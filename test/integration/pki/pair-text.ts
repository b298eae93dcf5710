import { issueCertificate } from "../../../src/pki/certificate.ts";
import { parseHostNames } from "../../../src/pki/host-names.ts";
import { exportPrivateKey, generatePrivateKey, systemRandom } from "../../../src/pki/keys.ts";
import type { PairText } from "../../../src/pki/pair-files.ts";
import { profiles } from "../../../src/pki/profile.ts";

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
