import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolvePaths } from "../../../src/config/paths.ts";
import { configurationSchema } from "../../../src/config/schema.ts";
import {
  type CertificateChoice,
  type CertificateSource,
  chooseCertificate,
} from "../../../src/server/certificate-source.ts";
import { temporaryFolders } from "../../temporary-folder.ts";

interface Settings {
  server?: object;
  tls?: object;
}

export const configured: CertificateChoice = { kind: "configured", generate: false };
export const generating: CertificateChoice = { kind: "configured", generate: true };

/**
 * Makes a folder for one test file.
 *
 * @returns A function that makes, each time, a home in it, with files.
 */
export function freshHomes() {
  const freshHome = temporaryFolders();
  return (files: Readonly<Record<string, string>> = {}) => {
    const home = freshHome();
    for (const [name, content] of Object.entries(files)) writeFileSync(join(home, name), content, { mode: 0o600 });
    const paths = resolvePaths({ HOME: home });
    const choose = (choice: CertificateChoice, { server, tls }: Settings = {}): CertificateSource => {
      const configuration = configurationSchema.parse({ server, tls });
      return chooseCertificate({ server: configuration.server, tls: configuration.tls, paths, choice });
    };
    return { home, paths, choose, fileIn: (name: string) => join(home, name) };
  };
}
