import { resolve } from "node:path";
import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../config/paths.ts";
import { CertificateError } from "../errors.ts";
import { subjectOf } from "../pki/files/certificate-file.ts";
import type { SystemTrustOptions } from "../pki/system-trust/system-trust.ts";
import type { RootFile } from "../pki/system-trust/trust-entry.ts";
import type { Row } from "./block.ts";
import { formatEnd, reportCertificate } from "./certificate-report.ts";
import type { Meta } from "./invoke.ts";
import { output } from "./output.ts";
import { shellWord } from "./shell-word.ts";

const args = {
  file: { type: "string", valueHint: "file", description: "Another root certificate than the development CA's" },
} satisfies ArgsDef;

type Name = "trust" | "untrust";

/** How this program was started: the executable itself, or Bun with the sources. */
function ownCommand(): string[] {
  const script = process.argv[1] ?? "";
  return script.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, script];
}

/** Always with the file: sudo may put root's home folder in the place of the user's. */
function administratorLine(name: Name, file: string): string | undefined {
  if (process.getuid?.() === 0) return undefined;
  return ["sudo", ...ownCommand(), name, "--file", file].map(shellWord).join(" ");
}

const hints: Readonly<Record<Name, string>> = {
  trust: "Make one: `vibectl-server generate-certs`.",
  untrust: "Name the certificate with --file; in a store's folder its file is called vibectl-server-….crt.",
};

function missingAuthority(name: Name, file: string, cause: CertificateError): CertificateError {
  const own = "~/.config/vibectl/server/certs/ca-bundle.crt";
  const hint =
    process.env.SUDO_USER === undefined
      ? hints[name]
      : `Under sudo the home folder may be root's. Name the file: sudo vibectl-server ${name} --file ${own}`;
  return new CertificateError("CA_NOT_FOUND", `There is no development CA yet: ${file} does not exist`, {
    hint,
    cause,
  });
}

/** The certificate that a command is about, and what it takes to change the store. */
async function prepare(name: Name, flag: string | undefined): Promise<[RootFile, SystemTrustOptions]> {
  const { developmentFiles } = await import("../pki/development/development-files.ts");
  const { readRootFile } = await import("../pki/system-trust/system-trust.ts");
  const file = resolve(flag ?? developmentFiles(resolvePaths(process.env).certificates).bundleFile);
  const rootFile = await readRootFile(file).catch((error) => {
    const missing = error instanceof CertificateError && error.code === "CERTIFICATE_NOT_FOUND";
    throw missing && flag === undefined ? missingAuthority(name, file, error) : error;
  });
  return [rootFile, { asAdministrator: administratorLine(name, file) }];
}

function factsOf({ certificate }: RootFile, place: string): Row[] {
  return [
    ["Store", place],
    ["Subject", subjectOf(certificate)],
    ["Valid until", formatEnd(certificate.validToDate)],
    ["SHA-256", certificate.fingerprint256],
  ];
}

function withFile(name: Name, flag: string | undefined): string {
  return `vibectl-server ${name}${flag === undefined ? "" : ` --file ${shellWord(flag)}`}`;
}

const checkLine = "vibectl-server check vibectl-server://localhost:50051";

const trustMeta: Meta = {
  name: "trust",
  description: "Puts the development CA's root certificate into the system's trust store, for all programs and users",
  example: "vibectl-server trust",
};

/** `trust`: puts a root certificate into the system's store. */
export const trust = defineCommand({
  meta: trustMeta,
  args,
  async run({ args: flags }) {
    const { addToSystemTrust } = await import("../pki/system-trust/system-trust.ts");
    const [rootFile, options] = await prepare("trust", flags.file);
    const { outcome, place } = await addToSystemTrust(rootFile, options);
    const title = outcome === "added" ? "This system trusts the certificate now" : "This system trusts it already";
    const next = [
      checkLine,
      `export VIBECTL_CA_BUNDLE=${shellWord(rootFile.file)}   # vibectl's own gRPC library heeds no system store`,
      `${withFile("untrust", flags.file)}   # to undo it`,
    ];
    reportCertificate({ title, facts: factsOf(rootFile, place), next }, output);
  },
});

const untrustMeta: Meta = {
  name: "untrust",
  description: "Takes the development CA's root certificate out of the system's trust store",
  example: "vibectl-server untrust",
};

/** `untrust`: takes a root certificate out of the system's store. */
export const untrust = defineCommand({
  meta: untrustMeta,
  args,
  async run({ args: flags }) {
    const { removeFromSystemTrust } = await import("../pki/system-trust/system-trust.ts");
    const [rootFile, options] = await prepare("untrust", flags.file);
    const { outcome, place } = await removeFromSystemTrust(rootFile, options);
    const title = outcome === "removed" ? "This system no longer trusts the certificate" : "It was not in the store";
    const next = [
      `${checkLine} --ca-bundle ${shellWord(rootFile.file)}`,
      `${withFile("trust", flags.file)}   # to undo it`,
    ];
    reportCertificate({ title, facts: factsOf(rootFile, place), next }, output);
  },
});
