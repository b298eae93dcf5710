import type { WrongPair } from "./pair-table.ts";
import { wrongCertificateFiles } from "./wrong-certificate-files.ts";
import { wrongCertificates } from "./wrong-certificates.ts";
import { wrongChains } from "./wrong-chains.ts";
import { wrongFiles } from "./wrong-files.ts";
import { wrongKeyFiles } from "./wrong-key-files.ts";
import { wrongKeys } from "./wrong-keys.ts";

/** Every way in which a certificate and a key are no pair to be served with. */
export const wrongPairs: readonly WrongPair[] = [
  ...wrongFiles,
  ...wrongCertificateFiles,
  ...wrongKeyFiles,
  ...wrongKeys,
  ...wrongChains,
  ...wrongCertificates,
];
