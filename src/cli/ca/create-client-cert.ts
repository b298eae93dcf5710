import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../../config/paths.ts";
import { systemRandom } from "../../pki/issuing/keys.ts";
import { caDirArg, keyTypeArg, loosePermissionsArg, readDays, readKeyType, validityArg } from "../ca-flags.ts";
import { formatEnd, reportCertificate } from "../certificate-report.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  name: { type: "positional", required: true, description: "Who the client is: the name that the server knows it by" },
  ...caDirArg,
  ...validityArg,
  ...keyTypeArg,
  ...loosePermissionsArg,
  force: { type: "boolean", description: "Replace the certificate of that name, and its key" },
} satisfies ArgsDef;

const meta: Meta = {
  name: "create-client-cert",
  description: "Issues a certificate by which a server with --client-ca knows a client",
  example: "vibectl-server ca create-client-cert ci-bot --validity-days 30",
};

/** `ca create-client-cert NAME`: issues a client's certificate. */
export const createClientCert = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const lifetimeDays = readDays(flags["validity-days"], "--validity-days");
    const { createClientCertificate } = await import("../../pki/private-ca/private-leaf.ts");
    const issued = await createClientCertificate(flags.name, {
      directory: flags["ca-dir"] ?? resolvePaths(process.env).authority,
      lifetimeDays,
      keyType: readKeyType(flags["key-type"]),
      force: flags.force === true,
      allowLoosePermissions: flags["allow-loose-permissions"],
      now: new Date(),
      random: systemRandom,
    });
    const { certFile, keyFile, bundleFile, leaf, warnings } = issued;
    const files = `--client-cert ${shellWord(certFile)} --client-key ${shellWord(keyFile)}`;
    reportCertificate(
      {
        title: `Issued a client's certificate for ${flags.name}`,
        facts: [
          ["Certificate", `${certFile} (with the intermediate)`],
          ["Key", keyFile],
          ["Valid until", formatEnd(leaf.notAfter)],
          ["Trust", `${bundleFile} (what servers need, as --client-ca)`],
        ],
        warnings,
        next: [
          `vibectl-server serve --generate-certs --client-ca ${shellWord(bundleFile)}`,
          `vibectl-server check vibectl-server://HOST:50051 ${files}`,
        ],
      },
      output,
    );
  },
});
