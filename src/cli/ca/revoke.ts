import { type ArgsDef, defineCommand } from "citty";
import { privateCaFiles } from "../../pki/private-ca/private-ca-files.ts";
import { caDirArg, caDirectory, loosePermissionsArg } from "../certificate-flags.ts";
import { reportCertificate } from "../certificate-report.ts";
import type { Meta } from "../invoke.ts";
import { jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  name: { type: "positional", required: true, description: "The certificate, as `ca status` names it" },
  ...caDirArg,
  kind: { type: "enum", options: ["client", "server"], description: "Which, where both have that name" },
  reason: {
    type: "enum",
    options: ["unspecified", "keyCompromise", "affiliationChanged", "superseded", "cessationOfOperation"],
    description: "Why (unspecified)",
  },
  ...loosePermissionsArg,
  ...jsonArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "revoke",
  description: "Revokes a client's or server's certificate, and writes the list that servers take as --client-crl",
  example: "vibectl-server ca revoke ci-bot --reason keyCompromise",
};

/** `ca revoke NAME`: revokes a certificate. */
export const revoke = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const { revokeLeaf } = await import("../../pki/private-ca/private-ca-revocation.ts");
    const directory = caDirectory(flags);
    const reason = flags.reason ?? "unspecified";
    const { kind, leaf, crlFile, place } = await revokeLeaf({
      directory,
      name: flags.name,
      kind: flags.kind === "client" || flags.kind === "server" ? flags.kind : undefined,
      reason,
      allowLoosePermissions: flags["allow-loose-permissions"],
      now: new Date(),
    });
    const clientCa = shellWord(privateCaFiles(directory).bundleFile);
    reportCertificate(
      {
        title: `Revoked the ${kind}'s certificate ${flags.name}, serial ${leaf.serialNumber}`,
        facts: [
          ["List", `${crlFile} (what servers need, as --client-crl; those that have it load it by themselves)`],
          ["Moved to", place],
        ],
        next: [`vibectl-server serve --generate-certs --client-ca ${clientCa} --client-crl ${shellWord(crlFile)}`],
        json: flags.json
          ? { kind, name: flags.name, serial_number: leaf.serialNumber, reason, crl_file: crlFile, moved_to: place }
          : undefined,
      },
      output,
    );
  },
});
