import { type ArgsDef, defineCommand } from "citty";
import { leafArgs, leafOptions } from "../certificate-flags.ts";
import { reportLeaf } from "../certificate-report.ts";
import type { Meta } from "../invoke.ts";
import { jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { shellWord } from "../shell-word.ts";

const args = {
  name: { type: "positional", required: true, description: "Who the client is: the name that the server knows it by" },
  ...leafArgs,
  ...jsonArg,
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
    const options = leafOptions(flags);
    const { createClientCertificate } = await import("../../pki/private-ca/private-leaf.ts");
    const issued = await createClientCertificate(flags.name, options);
    const files = `--client-cert ${shellWord(issued.certFile)} --client-key ${shellWord(issued.keyFile)}`;
    const next = [
      `vibectl-server serve --generate-certs --client-ca ${shellWord(issued.bundleFile)}`,
      `vibectl-server check vibectl-server://HOST:50051 ${files}`,
    ];
    const report = {
      title: `Issued a client's certificate for ${flags.name}`,
      kind: "client",
      whose: "what servers need, as --client-ca",
      next,
      json: flags.json,
    } as const;
    reportLeaf(issued, report, output);
  },
});
