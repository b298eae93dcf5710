import { type KeyObject, X509Certificate } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { issueDevelopmentCertificate } from "../../../src/pki/development/development-certificate.ts";
import { parseHostNames } from "../../../src/pki/host-names.ts";
import { issueCertificate } from "../../../src/pki/issuing/certificate.ts";
import { exportPrivateKey, generatePrivateKey, type KeyType, systemRandom } from "../../../src/pki/issuing/keys.ts";
import { profiles } from "../../../src/pki/issuing/profile.ts";
import { openPrivateCa } from "../../../src/pki/private-ca/private-ca.ts";
import { initialisePrivateCa, type PrivateCaOptions } from "../../../src/pki/private-ca/private-ca-init.ts";
import { renewIntermediate, renewLeaves, renewRoot } from "../../../src/pki/private-ca/private-ca-renewal.ts";
import {
  createClientCertificate,
  createServerCertificate,
  type IssuedLeaf,
  type NewLeafOptions,
} from "../../../src/pki/private-ca/private-leaf.ts";
import type { ChainQuestion } from "./verifiers.ts";

/** A chain, and what is trusted. */
export type Chain = Pick<ChainQuestion, "chainFile" | "rootFile">;

/** Verifiers go by the system's clock, which not all of them can be told. */
const now = new Date();
const dayMs = 86_400_000;
const random = systemRandom;

function daysAgo(days: number): Date {
  return new Date(now.getTime() - days * dayMs);
}

function chainOf({ certFile, bundleFile }: IssuedLeaf): Chain {
  return { chainFile: certFile, rootFile: bundleFile };
}

/** Each kind of name that a certificate is for. */
export const hosts = [
  "server.example.org",
  "*.wild.example.org",
  "bücher.example",
  "192.0.2.7",
  "2001:db8::7",
] as const;

/** What clients dial for each of them. */
export const dialled = [
  "server.example.org",
  "instance.wild.example.org",
  "xn--bcher-kva.example",
  "192.0.2.7",
  "2001:db8::7",
] as const;

/** A development CA and a leaf of it. */
export async function makeDevelopmentChain(directory: string, keyType: KeyType): Promise<Chain> {
  const options = { directory, hosts, keyType, now, force: false };
  const { certFile, bundleFile = "" } = await issueDevelopmentCertificate(options);
  return { chainFile: certFile, rootFile: bundleFile };
}

async function init(directory: string, overrides: Partial<PrivateCaOptions> = {}): Promise<NewLeafOptions> {
  const names = {
    rootName: "Bücher root",
    intermediateName: "An intermediate",
    organization: "Example",
    country: "DE",
  };
  const common = { keyType: "p256", force: false, now, random } as const;
  await initialisePrivateCa({ directory, ...names, ...common, ...overrides });
  return { directory, keyType: overrides.keyType ?? "p256", force: false, now, random };
}

/** A private CA with a server's leaf and a client's. */
export async function makePrivateChains(
  directory: string,
  keyType: KeyType,
): Promise<{ server: Chain; client: Chain; options: NewLeafOptions }> {
  const options = await init(directory, { keyType });
  const server = await createServerCertificate(hosts, options);
  const client = await createClientCertificate("alice", options);
  return { server: chainOf(server), client: chainOf(client), options };
}

/** A leaf for an address alone. */
export async function makeAddressChain(options: NewLeafOptions): Promise<Chain> {
  return chainOf(await createServerCertificate(["192.0.2.7"], options));
}

/** The leaf of a chain without its intermediate. */
export function leafAlone({ chainFile, rootFile }: Chain): Chain {
  const file = `${chainFile}.alone`;
  writeFileSync(file, new X509Certificate(readFileSync(chainFile)).toString());
  return { chainFile: file, rootFile };
}

/** A chain whose leaf ended ten days ago, below CAs that are valid still. */
export async function makeExpiredChain(directory: string): Promise<Chain> {
  const options = await init(directory, { now: daysAgo(100) });
  return chainOf(await createServerCertificate(hosts, { ...options, now: daysAgo(100) }));
}

/** A CA that is held to `example.org`, with a leaf inside and others outside, which were signed around the check. */
export async function makeConstrainedChains(directory: string) {
  const options = await init(directory, { permittedDomains: ["example.org"] });
  const inside = await createServerCertificate(["server.example.org"], options);
  const client = await createClientCertificate("alice", options);
  const outside = async (host: string) => {
    const { intermediate } = await openPrivateCa(directory, now);
    const [chainFile, key] = [join(directory, `${host}.crt`), await generatePrivateKey("p256")];
    const leaf = await issueUnchecked(intermediate.key, key, host);
    writeFileSync(chainFile, leaf + intermediate.certificate.toString());
    writeFileSync(join(directory, `${host}.key`), exportPrivateKey(key));
    return { chainFile, rootFile: inside.bundleFile };
  };
  return {
    inside: chainOf(inside),
    client: chainOf(client),
    domain: await outside("server.example.com"),
    address: await outside("192.0.2.7"),
  };
}

/** As the intermediate that has the key would, if it had no constraints. */
async function issueUnchecked(key: KeyObject, leafKey: KeyObject, host: string): Promise<string> {
  const subject = { commonName: "An intermediate", organization: "Example", country: "DE" };
  const common = { now, random, names: [] };
  const request = { profile: profiles.root, subject, key, issuer: undefined, ...common };
  const issuer = { certificate: new X509Certificate(await issueCertificate(request)), key };
  const leaf = { profile: profiles.serverLeaf, subject: {}, key: leafKey, issuer };
  return await issueCertificate({ ...leaf, now, random, names: parseHostNames([host]) });
}

/** The chains of a CA before and after all of it was renewed. */
export async function makeRenewedChains(directory: string): Promise<Readonly<Record<string, Chain>>> {
  const options = await init(directory, { now: daysAgo(400) });
  const { certFile, bundleFile } = await createServerCertificate(hosts, options);
  const [oldLeaf, oldRoot] = [`${directory}-leaf.crt`, `${directory}-root.crt`];
  cpSync(bundleFile, oldRoot);
  writeFileSync(oldLeaf, readFileSync(certFile));
  await renewIntermediate(options);
  await renewRoot(options);
  await renewLeaves({ by: "all" }, options);
  return {
    "old leaf, new root": { chainFile: oldLeaf, rootFile: bundleFile },
    "new leaf, old root": { chainFile: certFile, rootFile: oldRoot },
    "new leaf, new root": { chainFile: certFile, rootFile: bundleFile },
  };
}

/** The root's key of a CA, encrypted. */
export async function makeEncryptedKey(directory: string, keyType: KeyType, passphrase: string): Promise<string> {
  await init(directory, { keyType, passphrase });
  return join(directory, "root", "ca.key");
}
