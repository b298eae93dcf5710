import { hostname } from "node:os";
import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../config/paths.ts";
import { keyTypeArg, loosePermissionsArg, readKeyType, requireBoth, sanArg } from "./certificate-flags.ts";
import { formatEnd, issuedFields, reportCertificate } from "./certificate-report.ts";
import { configArg, loadFor } from "./config/config-file.ts";
import { type Meta, valuesOf } from "./invoke.ts";
import { jsonArg } from "./json.ts";
import { output } from "./output.ts";
import { shellWord } from "./shell-word.ts";

const args = {
  hostname: { type: "string", valueHint: "name", description: "DNS name or IP address that clients dial (localhost)" },
  ...sanArg,
  "cert-file": {
    type: "string",
    valueHint: "file",
    description: "Where the certificate goes: server.cert_file, or certs/",
  },
  "key-file": {
    type: "string",
    valueHint: "file",
    description: "Where its private key goes: server.key_file, or certs/",
  },
  ...keyTypeArg,
  ...loosePermissionsArg,
  force: { type: "boolean", description: "Replace a certificate that this server did not issue" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "generate-certs",
  description: "Issues a server certificate from the development CA, which is made when there is none",
  example: "vibectl-server generate-certs --hostname llm.example.org --san 10.0.0.5",
};

/** `generate-certs`: issues a certificate from the development CA. */
export const generateCerts = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const { issueDevelopmentCertificate } = await import("../pki/development/development-certificate.ts");
    requireBoth(flags);
    const { configuration } = await loadFor(flags);
    const { server, tls } = configuration;
    const [certFile, keyFile] = [flags["cert-file"] ?? server.cert_file, flags["key-file"] ?? server.key_file];
    const issued = await issueDevelopmentCertificate({
      directory: resolvePaths(process.env).certificates,
      ...(certFile && keyFile ? { certFile, keyFile } : {}),
      hosts: [...(flags.hostname === undefined ? [] : [flags.hostname]), ...valuesOf(rawArgs, "san"), ...tls.hosts],
      likelyHosts: [hostname()],
      keyType: flags["key-type"] === undefined ? undefined : readKeyType(flags["key-type"]),
      allowLoosePermissions: flags["allow-loose-permissions"],
      force: flags.force === true,
      now: new Date(),
    });
    const { hosts, notAfter } = issued.identity.leaf;
    const files = certFile && keyFile ? ` --cert-file ${shellWord(certFile)} --key-file ${shellWord(keyFile)}` : "";
    reportCertificate(
      {
        title: `${issued.outcome === "issued" ? "Issued" : "Replaced"} a certificate for ${hosts.join(", ")}`,
        facts: [
          ["Certificate", issued.certFile],
          ["Key", issued.keyFile],
          ["Valid until", formatEnd(notAfter)],
          ["Trust", `${issued.bundleFile} (what clients need)`],
        ],
        warnings: issued.warnings,
        next: [`vibectl-server serve --tls${files}`, "vibectl-server trust"],
        json: flags.json
          ? { outcome: issued.outcome, ...issuedFields({ ...issued, leaf: issued.identity.leaf }) }
          : undefined,
      },
      output,
    );
  },
});
