import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { initialisePrivateCa, type PrivateCaOptions } from "../../../../src/pki/private-ca/private-ca-init.ts";
import type { AuthorityRenewalOptions } from "../../../../src/pki/private-ca/private-ca-renewal.ts";
import {
  createClientCertificate,
  createServerCertificate,
  type NewLeafOptions,
} from "../../../../src/pki/private-ca/private-leaf.ts";
import { now } from "../authorities.ts";

/** Makes a CA: a root, an intermediate, no leaf. */
export function init(directory: string, overrides: Partial<PrivateCaOptions> = {}) {
  const names = { rootName: "A root", intermediateName: "An intermediate" };
  const common = { ...names, keyType: "p256", force: false, now, random: systemRandom } as const;
  return initialisePrivateCa({ directory, ...common, ...overrides });
}

function newLeaf(directory: string, overrides: Partial<NewLeafOptions>): NewLeafOptions {
  return { directory, keyType: "p256", force: false, now, random: systemRandom, ...overrides };
}

export function createServer(
  directory: string,
  hosts: readonly [string, ...string[]] = ["server.example.org"],
  overrides: Partial<NewLeafOptions> = {},
) {
  return createServerCertificate(hosts, newLeaf(directory, overrides));
}

export function createClient(directory: string, name = "alice", overrides: Partial<NewLeafOptions> = {}) {
  return createClientCertificate(name, newLeaf(directory, overrides));
}

export function renewal(directory: string, overrides: Partial<AuthorityRenewalOptions> = {}): AuthorityRenewalOptions {
  return { directory, now, random: systemRandom, ...overrides };
}

/** The certificates of a PEM file, each a text. */
export function certificatesIn(path: string): string[] {
  return readFileSync(path, "utf8").match(/-----BEGIN(?:.|\n)*?-----END CERTIFICATE-----\n/g) ?? [];
}

/** Every file below a folder with its content, what is hidden left out. */
export function snapshot(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => (entry.isDirectory() ? [] : [join(entry.parentPath, entry.name)]));
  const shown = paths.map((path) => relative(directory, path)).filter((path) => !/(^|\/)\./.test(path));
  return Object.fromEntries(shown.sort().map((path) => [path, readFileSync(join(directory, path), "latin1")]));
}

/** What killed processes have left below a folder. */
export function leftovers(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".tmp"));
}
