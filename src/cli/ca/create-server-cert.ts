import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../../config/paths.ts";
import { systemRandom } from "../../pki/issuing/keys.ts";
import { caDirArg, keyTypeArg, loosePermissionsArg, readDays, readKeyType, sanArg, validityArg } from "../ca-flags.ts";
import { formatEnd, reportCertificate } from "../certificate-report.ts";
import { type Meta, valuesOf } from "../invoke.ts";
import { output } from "../output.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  hostname: { type: "positional", required: true, description: "DNS name or IP address that clients dial" },
  ...caDirArg,
  ...sanArg,
  ...validityArg,
  ...keyTypeArg,
  ...loosePermissionsArg,
  force: { type: "boolean", description: "Replace the certificate of that name, and its key" },
} satisfies ArgsDef;

const meta: Meta = {
  name: "create-server-cert",
  description: "Issues a server's certificate from the private CA",
  example: "vibectl-server ca create-server-cert llm.example.org --san 10.0.0.5 --validity-days 30",
};

/** `ca create-server-cert HOST`: issues a server's certificate. */
export const createServerCert = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const lifetimeDays = readDays(flags["validity-days"], "--validity-days");
    const { createServerCertificate } = await import("../../pki/private-ca/private-leaf.ts");
    const issued = await createServerCertificate([flags.hostname, ...valuesOf(rawArgs, "san")], {
      directory: flags["ca-dir"] ?? resolvePaths(process.env).authority,
      lifetimeDays,
      keyType: readKeyType(flags["key-type"]),
      force: flags.force === true,
      allowLoosePermissions: flags["allow-loose-permissions"],
      now: new Date(),
      random: systemRandom,
    });
    const { certFile, keyFile, bundleFile, leaf, warnings } = issued;
    reportCertificate(
      {
        title: `Issued a server's certificate for ${leaf.hosts.join(", ")}`,
        facts: [
          ["Certificate", `${certFile} (with the intermediate)`],
          ["Key", keyFile],
          ["Valid until", formatEnd(leaf.notAfter)],
          ["Trust", `${bundleFile} (what clients need)`],
        ],
        warnings,
        next: [
          `vibectl-server serve-custom --cert-file ${shellWord(certFile)} --key-file ${shellWord(keyFile)} --ca-bundle-file ${shellWord(bundleFile)}`,
          `vibectl-server check vibectl-server://${flags.hostname}:50051 --ca-bundle ${shellWord(bundleFile)}`,
        ],
      },
      output,
    );
  },
});
