import { type ArgsDef, defineCommand } from "citty";
import { UsageError } from "../../errors.ts";
import { systemRandom } from "../../pki/issuing/keys.ts";
import { rootKeyState } from "../../pki/private-ca/private-ca.ts";
import { privateCaFiles } from "../../pki/private-ca/private-ca-files.ts";
import type { LeafSelection, RenewalOptions, RenewedLeaf } from "../../pki/private-ca/private-ca-renewal.ts";
import { caDirArg, caDirectory, loosePermissionsArg, readDays } from "../certificate-flags.ts";
import { formatEnd, reportCertificate } from "../certificate-report.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { askPassphrase, findPassphrase } from "../passphrase.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  name: { type: "positional", required: false, description: "The one certificate to renew, as `ca status` names it" },
  ...caDirArg,
  days: { type: "string", valueHint: "days", description: "Renew what ends within that many days" },
  all: { type: "boolean", description: "Renew every server's and client's certificate" },
  intermediate: { type: "boolean", description: "Renew the intermediate; that needs the root's key" },
  root: { type: "boolean", description: "Renew the root; that needs its key" },
  "passphrase-file": {
    type: "string",
    valueHint: "file",
    description: "Passphrase of the root's key; VIBECTL_CA_PASSPHRASE gives it too, else it is asked for",
  },
  ...loosePermissionsArg,
  ...jsonArg,
} satisfies ArgsDef;

interface RenewFlags {
  name?: string | undefined;
  days?: string | undefined;
  all?: boolean | undefined;
  intermediate?: boolean | undefined;
  root?: boolean | undefined;
  "passphrase-file"?: string | undefined;
  json?: boolean | undefined;
}

const ways = ["name", "days", "all", "intermediate", "root"] as const;

function requireOneWay(flags: RenewFlags): void {
  const [first, second] = ways.filter((way) => flags[way]).map((way) => (way === "name" ? "NAME" : `--${way}`));
  if (first && second) throw new UsageError(`${first} and ${second} contradict each other`, { hint: "Give one." });
}

function selectionOf({ name, days, all }: RenewFlags): LeafSelection {
  if (name !== undefined) return { by: "name", name };
  const within = readDays(days, "--days", 0);
  if (within !== undefined) return { by: "days", days: within };
  return { by: all ? "all" : "age" };
}

/** It is asked for before the folder is locked: others can work there while a person types. */
async function passphraseFor(directory: string, flags: RenewFlags): Promise<string | undefined> {
  if ((await rootKeyState(directory)) !== "encrypted") return undefined;
  const given = await findPassphrase({ file: flags["passphrase-file"], environment: process.env });
  return given ?? (await askPassphrase({ message: "Passphrase of the root's key", confirm: false }));
}

async function renewAuthority(which: "root" | "intermediate", flags: RenewFlags, options: RenewalOptions) {
  const { renewIntermediate, renewRoot } = await import("../../pki/private-ca/private-ca-renewal.ts");
  const renewal = which === "root" ? renewRoot : renewIntermediate;
  const passphrase = await passphraseFor(options.directory, flags);
  const { certificate, certFile } = await renewal({ ...options, passphrase });
  const { bundleFile } = privateCaFiles(options.directory);
  const notAfter = certificate.validToDate;
  if (flags.json) {
    const renewed = { kind: which, name: which, outcome: "renewed", not_after: notAfter, cert_file: certFile };
    return output.line(formatJson({ bundle_file: bundleFile, certificates: [renewed] }));
  }
  reportCertificate(
    {
      title: `Renewed the ${which}`,
      facts: [
        ["Certificate", certFile],
        ["Valid until", formatEnd(notAfter)],
        ["Trust", `${bundleFile} (what clients need)`],
      ],
      next:
        which === "root"
          ? [
              `vibectl-server ca export-bundle --ca-dir ${shellWord(options.directory)}   # for clients, before the old root ends`,
            ]
          : [`vibectl-server ca renew --all --ca-dir ${shellWord(options.directory)}`],
    },
    output,
  );
}

/** What goes to stderr, whatever form the rest has. */
function noteTrouble(result: RenewedLeaf): void {
  if (result.outcome === "renewed") {
    for (const warning of result.issued.warnings) output.note(`warning: ${warning}`);
  } else if (result.outcome === "failed") {
    output.note(`error: ${result.kind} ${result.name}: ${result.problem.message}`);
    if (result.problem.hint) output.note(`hint: ${result.problem.hint}`);
    process.exitCode = 1;
  }
}

function printLeaf(result: RenewedLeaf): void {
  noteTrouble(result);
  const name = `${result.kind} ${result.name}`;
  if (result.outcome === "kept") {
    output.line(`kept     ${name}, until ${formatEnd(result.notAfter)}`);
  } else if (result.outcome === "renewed") {
    output.line(`renewed  ${name}, until ${formatEnd(result.issued.leaf.notAfter)}: ${result.issued.certFile}`);
  }
}

function leafFields(result: RenewedLeaf) {
  const { kind, name, outcome } = result;
  const fields = { kind, name, outcome };
  if (outcome === "kept") return { ...fields, not_after: result.notAfter };
  if (outcome === "failed") return { ...fields, problem: result.problem.message, hint: result.problem.hint };
  const { leaf, certFile, warnings } = result.issued;
  return { ...fields, not_after: leaf.notAfter, cert_file: certFile, warnings };
}

function printLeavesAsJson(results: readonly RenewedLeaf[], directory: string): void {
  for (const result of results) noteTrouble(result);
  const { bundleFile } = privateCaFiles(directory);
  output.line(formatJson({ bundle_file: bundleFile, certificates: results.map(leafFields) }));
}

function printLeaves(results: readonly RenewedLeaf[], directory: string): void {
  for (const result of results) printLeaf(result);
  if (results.length === 0) output.line("The CA has issued no certificates yet");
  if (!results.some(({ outcome }) => outcome === "renewed")) return;
  output.line(
    `Trust    ${privateCaFiles(directory).bundleFile}, as before; servers load what was renewed by themselves`,
  );
  output.line("Next:");
  output.line(`  vibectl-server ca status --ca-dir ${shellWord(directory)}`);
}

const meta: Meta = {
  name: "renew",
  description: "Renews what is past two thirds of its life, or what is named, for the same names and keys",
  example: "vibectl-server ca renew llm.example.org",
};

/** `ca renew`: renews certificates of the private CA. */
export const renew = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    requireOneWay(flags);
    const selection = selectionOf(flags);
    const options: RenewalOptions = {
      directory: caDirectory(flags),
      allowLoosePermissions: flags["allow-loose-permissions"],
      now: new Date(),
      random: systemRandom,
    };
    if (flags.root) return await renewAuthority("root", flags, options);
    if (flags.intermediate) return await renewAuthority("intermediate", flags, options);
    const { renewLeaves } = await import("../../pki/private-ca/private-ca-renewal.ts");
    const results = await renewLeaves(selection, options);
    if (flags.json) printLeavesAsJson(results, options.directory);
    else printLeaves(results, options.directory);
  },
});
