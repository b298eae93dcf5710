import { expect } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type DevelopmentCertificateOptions,
  ensureDevelopmentCertificate,
  issueDevelopmentCertificate,
} from "../../../../src/pki/development/development-certificate.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { now } from "../authorities.ts";

export const authorityName = "vibectl-server development CA (me@here)";

/**
 * Makes a folder for one test file.
 *
 * @returns A function that gives, each time, the path of a folder in it that does not exist yet, nor its parent.
 */
export function freshDirectories(): () => string {
  const top = temporaryFolder();
  let count = 0;
  return () => join(top, String(count++), "certs");
}

export type Overrides = Partial<DevelopmentCertificateOptions>;

export function ensure(directory: string, overrides: Overrides = {}) {
  return ensureDevelopmentCertificate({ directory, hosts: ["localhost"], authorityName, now, ...overrides });
}

export function issue(directory: string, overrides: Overrides & { force?: boolean } = {}) {
  return issueDevelopmentCertificate({ directory, hosts: [], authorityName, now, force: false, ...overrides });
}

/** What a person sees in a folder, and what was left over; not the lock, nor the versions of the pair. */
export function namesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => !name.startsWith(".") || name.endsWith(".tmp"))
    .sort();
}

/** Every such file with its mode and content. */
export function snapshot(directory: string): Record<string, string> {
  const entries = namesIn(directory).map((name) => {
    const path = join(directory, name);
    return [name, `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, "latin1")}`] as const;
  });
  return Object.fromEntries(entries);
}

function readCertificate(directory: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(directory, name), "utf8"));
}

/** What must hold of a folder whenever a server has started from it. */
export function expectConsistent(directory: string): void {
  const leaf = readCertificate(directory, "server.crt");
  const root = readCertificate(directory, "ca-bundle.crt");
  const key = createPrivateKey(readFileSync(join(directory, "server.key"), "utf8"));
  expect(leaf.checkPrivateKey(key)).toBe(true);
  expect(leaf.verify(root.publicKey)).toBe(true);
  expect(leaf.issuer).toBe(root.subject);
  expect(namesIn(directory)).toEqual(["ca-bundle.crt", "development-ca.key", "server.crt", "server.key"]);
}
