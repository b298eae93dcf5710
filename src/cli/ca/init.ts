import { type ArgsDef, defineCommand } from "citty";
import { systemRandom } from "../../pki/issuing/keys.ts";
import { privateCaFiles } from "../../pki/private-ca/private-ca-files.ts";
import { caDirArg, caDirectory, keyTypeArg, loosePermissionsArg, readKeyType } from "../certificate-flags.ts";
import { formatEnd, reportCertificate } from "../certificate-report.ts";
import { type Meta, type Repeatable, valuesOf } from "../invoke.ts";
import { jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { askPassphrase, findPassphrase } from "../passphrase.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  ...caDirArg,
  "root-cn": { type: "string", valueHint: "name", description: "Common name of the root (vibectl Root CA)" },
  "intermediate-cn": {
    type: "string",
    valueHint: "name",
    description: "Common name of the intermediate (vibectl Intermediate CA)",
  },
  organization: { type: "string", valueHint: "name", description: "Organization in both names (vibectl)" },
  country: { type: "string", valueHint: "code", description: "Country in both names, two letters; none when left out" },
  ...keyTypeArg,
  "permit-domain": {
    type: "string",
    valueHint: "domain",
    description: "Issue only for names in this domain, and for no address; may be given more than once",
    repeatable: true,
  },
  "encrypt-root-key": { type: "boolean", description: "Encrypt the root's key with a passphrase, and ask for it" },
  "passphrase-file": {
    type: "string",
    valueHint: "file",
    description: "Encrypt the root's key with the passphrase in this file; VIBECTL_CA_PASSPHRASE gives it too",
  },
  ...loosePermissionsArg,
  force: { type: "boolean", description: "Make a new CA where there is one, and keep the old one beside it" },
  ...jsonArg,
} satisfies ArgsDef & Record<string, Repeatable>;

const meta: Meta = {
  name: "init",
  description: "Makes a CA: a root that clients trust, and an intermediate that issues certificates",
  example: 'vibectl-server ca init --organization "Example Ltd" --permit-domain example.org --encrypt-root-key',
};

/** `ca init`: makes a private CA. */
export const init = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const { initialisePrivateCa } = await import("../../pki/private-ca/private-ca-init.ts");
    const environment = process.env;
    const directory = caDirectory(flags);
    const given = await findPassphrase({ file: flags["passphrase-file"], environment });
    const question = { message: "Passphrase for the root's key", confirm: true };
    const passphrase = given ?? (flags["encrypt-root-key"] ? await askPassphrase(question) : undefined);
    const permittedDomains = valuesOf(rawArgs, "permit-domain");
    const { root, intermediate, replaced } = await initialisePrivateCa({
      directory,
      rootName: flags["root-cn"] ?? "vibectl Root CA",
      intermediateName: flags["intermediate-cn"] ?? "vibectl Intermediate CA",
      organization: flags.organization ?? "vibectl",
      country: flags.country,
      keyType: readKeyType(flags["key-type"]),
      permittedDomains,
      passphrase,
      force: flags.force === true,
      allowLoosePermissions: flags["allow-loose-permissions"],
      now: new Date(),
      random: systemRandom,
    });
    const files = privateCaFiles(directory);
    const dir = flags["ca-dir"] === undefined ? "" : ` --ca-dir ${shellWord(directory)}`;
    const [domain = "example.org"] = permittedDomains;
    const host = `llm.${domain.replace(/^\*?\./, "")}`;
    const state = passphrase === undefined ? "not encrypted" : "encrypted";
    reportCertificate(
      {
        title: `Made a CA in ${directory}`,
        facts: [
          ["Root", `${files.root.certFile}, until ${formatEnd(root.validToDate)}`],
          ["Intermediate", `${files.intermediate.certFile}, until ${formatEnd(intermediate.validToDate)}`],
          ["Root's key", `${files.root.keyFile}, ${state}; move it to a safe place: only renewing the CA needs it`],
          ...(permittedDomains.length > 0 ? [["Issues for", permittedDomains.join(", ")] as const] : []),
          ["Trust", `${files.bundleFile} (what clients need)`],
          ...(replaced ? [["Replaced", `the CA before, which is now in ${replaced}`] as const] : []),
        ],
        next: [
          `vibectl-server ca create-server-cert ${host}${dir}`,
          `vibectl-server serve-ca --hostname ${host} --host 0.0.0.0 --require-auth${dir}`,
        ],
        json: flags.json
          ? {
              directory,
              root: {
                cert_file: files.root.certFile,
                key_file: files.root.keyFile,
                key_encrypted: passphrase !== undefined,
                not_after: root.validToDate,
              },
              intermediate: { cert_file: files.intermediate.certFile, not_after: intermediate.validToDate },
              permitted_domains: permittedDomains,
              bundle_file: files.bundleFile,
              replaced,
            }
          : undefined,
      },
      output,
    );
  },
});
