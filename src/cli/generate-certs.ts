import { hostname } from "node:os";
import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../config/paths.ts";
import { UsageError } from "../errors.ts";
import { type Meta, valuesOf } from "./invoke.ts";
import { output } from "./output.ts";
import { shellWord } from "./shell-word.ts";

const args = {
  hostname: { type: "string", valueHint: "name", description: "DNS name or IP address that clients dial (localhost)" },
  san: {
    type: "string",
    valueHint: "name",
    description: "Another name or address; may be given more than once",
    repeatable: true,
  },
  "cert-file": { type: "string", valueHint: "file", description: "Where the certificate goes" },
  "key-file": { type: "string", valueHint: "file", description: "Where its private key goes" },
  force: { type: "boolean", description: "Replace a certificate that this server did not issue" },
} satisfies ArgsDef & Record<string, { repeatable?: true }>;

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
    const { issueDevelopmentCertificate } = await import("../pki/development-certificate.ts");
    const [certFile, keyFile] = [flags["cert-file"], flags["key-file"]];
    if (!certFile !== !keyFile) {
      throw new UsageError("--cert-file and --key-file belong together", { hint: "Give both, or neither." });
    }
    const issued = await issueDevelopmentCertificate({
      directory: resolvePaths(process.env).certificates,
      ...(certFile && keyFile ? { certFile, keyFile } : {}),
      hosts: [...(flags.hostname === undefined ? [] : [flags.hostname]), ...valuesOf(rawArgs, "san")],
      likelyHosts: [hostname()],
      force: flags.force === true,
      now: new Date(),
    });
    for (const warning of issued.warnings) output.note(`warning: ${warning}`);
    const { hosts, notAfter } = issued.identity.leaf;
    output.line(`${issued.outcome === "issued" ? "Issued" : "Replaced"} a certificate for ${hosts.join(", ")}`);
    output.line(`  Certificate  ${issued.certFile}`);
    output.line(`  Key          ${issued.keyFile}`);
    output.line(`  Valid until  ${notAfter.toISOString()}`);
    output.line(`  Trust        ${issued.bundleFile} (what clients need)`);
    const files = certFile && keyFile ? ` --cert-file ${shellWord(certFile)} --key-file ${shellWord(keyFile)}` : "";
    output.line("Next:");
    output.line(`  vibectl-server serve --tls${files}`);
  },
});
