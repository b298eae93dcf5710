import { type ArgsDef, defineCommand } from "citty";
import type { ServerUrl } from "../client/server-url.ts";
import { CertificateError, UsageError } from "../errors.ts";
import { type Findings, fileFindings, formatFindings, serverFindings, toJson } from "./inspect-report.ts";
import type { Meta, Suggesting } from "./invoke.ts";
import { output } from "./output.ts";

const args = {
  source: {
    type: "positional",
    required: true,
    description: "Certificate file (PEM or DER), vibectl-server://HOST[:PORT], https://HOST[:PORT], or HOST:PORT",
    suggest: "file",
  },
  "ca-bundle": {
    type: "string",
    valueHint: "file",
    description: "PEM file with the certificates to trust; VIBECTL_CA_BUNDLE or the system's when left out",
  },
  json: { type: "boolean", description: "Print all of it as JSON" },
} satisfies ArgsDef & Record<string, Suggesting>;

async function inspectServer(url: ServerUrl, caBundle: string | undefined, now: Date): Promise<Findings> {
  const [client, { loadRoots }, { describeChain }] = await Promise.all([
    import("../client/inspect-server.ts"),
    import("../client/trust.ts"),
    import("../pki/inspection/certificate-chain.ts"),
  ]);
  const roots = await loadRoots({ caBundle, environment: process.env });
  const server = await client.inspectServer(url, { roots, now });
  return serverFindings(server, describeChain(server.certificates, now));
}

async function inspectFile(path: string, caBundle: string | undefined, now: Date): Promise<Findings> {
  if (caBundle !== undefined) {
    throw new UsageError("--ca-bundle is of no use for a file: it says which CAs may vouch for a server", {
      hint: "Leave it out, or name a server as HOST:PORT.",
    });
  }
  const pki = await import("../pki/inspection/inspect-file.ts");
  const found = await pki.inspectFile(path, now).catch((cause) => {
    if (!(cause instanceof CertificateError) || cause.code !== "CERTIFICATE_NOT_FOUND") throw cause;
    const hint = "Check the path; to look at a server's certificate, write HOST:PORT or vibectl-server://HOST.";
    throw new CertificateError(cause.code, cause.message, { hint, cause });
  });
  return fileFindings(found);
}

const meta: Meta = {
  name: "inspect",
  description: "Shows the certificates in a file, or those that a server sends, and what is wrong with them",
  example: "vibectl-server inspect localhost:50051 --ca-bundle ca-bundle.crt",
};

/** `inspect FILE|URL`: shows certificates as a person wants to read them. */
export const inspect = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const { parseInspectSource } = await import("../client/inspect-source.ts");
    const now = new Date();
    const url = parseInspectSource(flags.source);
    const caBundle = flags["ca-bundle"];
    const found = url ? await inspectServer(url, caBundle, now) : await inspectFile(flags.source, caBundle, now);
    output.line(flags.json ? toJson(url?.authority ?? flags.source, found) : formatFindings(found, now, output));
  },
});
