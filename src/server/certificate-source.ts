import { hostname } from "node:os";
import type { Paths } from "../config/paths.ts";
import type { Configuration } from "../config/schema.ts";
import { FileError } from "../errors.ts";
import { ensureDevelopmentCertificate } from "../pki/development/development-certificate.ts";
import { developmentFiles } from "../pki/development/development-files.ts";
import { readCertificates } from "../pki/files/certificate-file.ts";
import { readPassphraseFile } from "../pki/files/passphrase-file.ts";
import { isUnspecifiedAddress } from "../pki/host-names.ts";
import type { Identity } from "../pki/identity/identity.ts";
import { loadIdentity } from "../pki/identity/load-identity.ts";
import { type KeyType, systemRandom } from "../pki/issuing/keys.ts";
import { leafFiles, privateCaFiles } from "../pki/private-ca/private-ca-files.ts";

/** A certificate to serve and what is to be said of it. */
export interface ServedCertificate {
  identity: Identity;
  /** Whether this server's own CA issued it, and so renews it. */
  issuedHere: boolean;
  /** The file that clients trust; undefined where this server does not know it. */
  bundleFile: string | undefined;
  /** What clients trust, PEM, where it lies in no file. */
  bundle?: string | undefined;
  /** What was done to have it. */
  outcome: "loaded" | "kept" | "issued" | "reissued";
  warnings: readonly string[];
}

/** Where the certificate comes from. */
export interface CertificateSource {
  /** What it is, for a person. */
  name: string;
  /** The files whose change can mean another certificate. */
  files: readonly string[];
  /**
   * Gives the certificate to serve now. Our own is issued anew where it is time, or where something is wrong with it.
   *
   * @param phase - While it serves, no new CA is made: no client would trust it.
   * @throws CertificateError, FileError or ConfigurationError when there is none to serve.
   */
  load(now: Date, phase: "start" | "serving"): Promise<ServedCertificate>;
}

/** Which certificate is wanted. */
export type CertificateChoice =
  /** The configured files; without them, or with `generate`, one of the development CA's in their place. */
  | { kind: "configured"; generate: boolean }
  /** One of the private CA's. */
  | {
      kind: "private-ca";
      directory: string;
      hosts: readonly [string, ...string[]];
      lifetimeDays: number | undefined;
      keyType: KeyType;
    }
  /** One of a CA in memory. */
  | { kind: "ephemeral" };

/** What a certificate is chosen by. */
export interface SourceOptions {
  server: Configuration["server"];
  tls: Configuration["tls"];
  paths: Paths;
  choice: CertificateChoice;
}

async function passphraseFrom(file: string | null | undefined): Promise<string | undefined> {
  return file ? await readPassphraseFile(file, "tls.key_passphrase_file") : undefined;
}

async function trustFrom(file: string | null | undefined) {
  return file ? { certificates: await readCertificates(file), source: file } : undefined;
}

/** The names that a certificate of ours covers: where it listens, and what clients are said to dial. */
function hostsOf({ server, tls }: SourceOptions): string[] {
  return [...tls.hosts, server.host];
}

function filesSource(certFile: string, keyFile: string, { tls }: SourceOptions): CertificateSource {
  const { ca_bundle_file: bundle, key_passphrase_file: passphraseFile } = tls;
  return {
    name: `certificate in ${certFile}`,
    files: [certFile, keyFile, bundle, passphraseFile].filter((file) => typeof file === "string"),
    async load(now) {
      const { identity, warnings } = await loadIdentity({
        certFile,
        keyFile,
        now,
        hosts: tls.hosts,
        trust: await trustFrom(bundle),
        passphrase: await passphraseFrom(passphraseFile),
        allowLoosePermissions: tls.allow_loose_permissions,
      });
      return { identity, issuedHere: false, bundleFile: bundle ?? undefined, outcome: "loaded", warnings };
    },
  };
}

/** A container's file system often can't be written: there is a way without it. */
function withEphemeralHint(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  const hint = `${error.hint ?? ""} To keep certificates in memory alone, start with --ephemeral.`.trimStart();
  return new FileError(error.message, { hint, cause: error });
}

function developmentSource(options: SourceOptions): CertificateSource {
  const { server, tls, paths } = options;
  const usual = developmentFiles(paths.certificates);
  const certFile = server.cert_file ?? usual.certFile;
  const keyFile = server.key_file ?? usual.keyFile;
  return {
    name: "development certificate",
    files: [certFile, keyFile, usual.bundleFile, usual.authorityFile],
    async load(now, phase) {
      return await ensureDevelopmentCertificate({
        mayCreateAuthority: phase === "start",
        directory: paths.certificates,
        certFile,
        keyFile,
        hosts: hostsOf(options),
        likelyHosts: [hostname()],
        allowLoosePermissions: tls.allow_loose_permissions,
        now,
      }).catch((error) => {
        throw withEphemeralHint(error);
      });
    },
  };
}

function privateSource(
  { directory, hosts, ...leaf }: Extract<CertificateChoice, { kind: "private-ca" }>,
  { server, tls }: SourceOptions,
): CertificateSource {
  const { root, intermediate } = privateCaFiles(directory);
  const leafPair = leafFiles(directory, "server", hosts[0]);
  return {
    name: `certificate of the CA in ${directory}`,
    files: [leafPair.certFile, leafPair.keyFile, root.certFile, intermediate.certFile],
    async load(now) {
      // Without a name of its own, a server is dialled where it listens.
      const own = hosts.includes("localhost") && !isUnspecifiedAddress(server.host) ? [server.host] : [];
      const { ensureServerCertificate } = await import("../pki/private-ca/private-server-certificate.ts");
      const made = await ensureServerCertificate({
        ...leaf,
        directory,
        hosts: [...hosts, ...own, ...tls.hosts],
        allowLoosePermissions: tls.allow_loose_permissions,
        now,
        random: systemRandom,
      });
      return { ...made, issuedHere: true };
    },
  };
}

function ephemeralSource(options: SourceOptions): CertificateSource {
  let authority: Promise<{ bundle: string; issue(now: Date): Promise<Identity> }> | undefined;
  return {
    name: "certificate in memory",
    files: [],
    async load(now) {
      const { createEphemeralAuthority } = await import("../pki/development/ephemeral.ts");
      const likelyHosts = [hostname()];
      authority ??= createEphemeralAuthority({ hosts: hostsOf(options), likelyHosts, now, random: systemRandom });
      const { bundle, issue } = await authority;
      const identity = await issue(now);
      return { identity, issuedHere: true, bundleFile: undefined, bundle, outcome: "issued", warnings: [] };
    },
  };
}

/** Finds where the certificate to serve comes from. */
export function chooseCertificate(options: SourceOptions): CertificateSource {
  const { server, choice } = options;
  if (choice.kind === "ephemeral") return ephemeralSource(options);
  if (choice.kind === "private-ca") return privateSource(choice, options);
  const { cert_file: cert, key_file: key } = server;
  return cert && key && !choice.generate ? filesSource(cert, key, options) : developmentSource(options);
}
