import { type ArgsDef, defineCommand } from "citty";
import { leafArgs, leafOptions, sanArg } from "../certificate-flags.ts";
import { reportLeaf } from "../certificate-report.ts";
import { type Meta, valuesOf } from "../invoke.ts";
import { jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { shellWord, urlHost } from "../shell-word.ts";

const args = {
  hostname: { type: "positional", required: true, description: "DNS name or IP address that clients dial" },
  ...sanArg,
  ...leafArgs,
  ...jsonArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "create-server-cert",
  description: "Issues a server's certificate from the private CA",
  example: "vibectl-server ca create-server-cert llm.example.org --san llm-2.example.org --validity-days 30",
};

/** `ca create-server-cert HOST`: issues a server's certificate. */
export const createServerCert = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const options = leafOptions(flags);
    const { createServerCertificate } = await import("../../pki/private-ca/private-leaf.ts");
    const issued = await createServerCertificate([flags.hostname, ...valuesOf(rawArgs, "san")], options);
    const [certFile, keyFile, bundleFile] = [issued.certFile, issued.keyFile, issued.bundleFile].map(shellWord);
    const next = [
      `vibectl-server serve-custom --cert-file ${certFile} --key-file ${keyFile} --ca-bundle-file ${bundleFile}`,
      `vibectl-server check vibectl-server://${urlHost(flags.hostname.replace("*", "HOST"))}:50051 --ca-bundle ${bundleFile}`,
    ];
    const report = {
      title: `Issued a server's certificate for ${issued.leaf.hosts.join(", ")}`,
      kind: "server",
      whose: "what clients need",
      next,
      json: flags.json,
    } as const;
    reportLeaf(issued, report, output);
  },
});
