import { type ArgsDef, defineCommand } from "citty";
import type { ServerInspection } from "../client/inspect-server.ts";
import type { ServerUrl } from "../client/server-url.ts";
import { CertificateError, UsageError } from "../errors.ts";
import { visibleText } from "../observe/visible-text.ts";
import type { CertificateChain } from "../pki/certificate-chain.ts";
import type { FoundKey, InspectedFile } from "../pki/inspect-file.ts";
import { chainLines, formatBlock, formatCertificate, orderWarnings, type Row } from "./certificate-block.ts";
import type { Meta } from "./invoke.ts";
import { output } from "./output.ts";

const args = {
  source: {
    type: "positional",
    required: true,
    description: "Certificate file (PEM or DER), vibectl-server://HOST[:PORT], https://HOST[:PORT], or HOST:PORT",
  },
  "ca-bundle": {
    type: "string",
    valueHint: "file",
    description: "PEM file with the certificates to trust; VIBECTL_CA_BUNDLE or the system's when left out",
  },
  json: { type: "boolean", description: "Print all of it as JSON" },
} satisfies ArgsDef;

/** What was found, for either form of output. */
interface Findings {
  chain: CertificateChain;
  /** What stands above the certificates. */
  above: readonly string[];
  /** What stands below them. */
  below: readonly string[];
  /** The source's own part of the JSON. */
  fields: Record<string, unknown>;
}

function keyText({ belongsTo, unreadable }: FoundKey, total: number): string {
  const key = "a private key, which is not shown";
  if (belongsTo === undefined) return `${key} (it is ${unreadable}, so whose it is can't be told)`;
  if (belongsTo.length === 0) return key;
  return `${key} and belongs to ${total === 1 ? "the certificate" : `number ${belongsTo.join(" and ")}`}`;
}

interface Whole {
  heading: string;
  /** To follow "is not". */
  place: string;
  also: readonly string[];
  warnings: readonly string[];
}

function formatWhole(chain: CertificateChain, { heading, place, also, warnings }: Whole): string[] {
  const lines = chainLines(chain, place);
  const rows: Row[] = [
    ...(lines.length > 0 ? [["Chain", lines] satisfies Row] : []),
    ...(also.length > 0 ? [["Also there", also] satisfies Row] : []),
  ];
  const all = [...orderWarnings(chain), ...warnings];
  return rows.length + all.length > 0 ? [formatBlock(heading, rows, all, output)] : [];
}

function fileFindings({ chain, privateKeys, others }: InspectedFile): Findings {
  const also = [...privateKeys.map((key) => keyText(key, chain.certificates.length)), ...others];
  const strange = privateKeys.some(({ belongsTo }) => belongsTo?.length === 0);
  const warnings = strange ? ["The private key belongs to no certificate in this file"] : [];
  const below = formatWhole(chain, { heading: "The file as a whole", place: "in this file", also, warnings });
  return { chain, above: [], below, fields: { privateKeys, others } };
}

function verdictRows({ host, verdict: { verified, roots, coversHost, reasons, hint } }: ServerInspection): Row[] {
  const outcome = verified === undefined ? "can't be told" : verified ? "yes" : "no";
  return [
    ["Covers", `${host}: ${coversHost ? "yes" : "no"}`],
    ["Verified", [`${outcome}, by ${roots}`, ...reasons, ...(hint === undefined ? [] : [`hint: ${hint}`])]],
  ];
}

function serverFindings(server: ServerInspection, chain: CertificateChain): Findings {
  const { certificates: _, ...fields } = server;
  const { authority, address, version, cipher, alpn } = server;
  const rows: Row[] = [
    ["Address", address],
    ["TLS", `${version}, ${cipher}, ALPN ${alpn ?? "none"}`],
    ...verdictRows(server),
  ];
  const above = [formatBlock(`Server ${authority}`, rows, [], output)];
  const below = formatWhole(chain, { heading: "The chain as sent", place: "sent", also: [], warnings: [] });
  return { chain, above, below, fields: { server: fields } };
}

async function inspectServer(url: ServerUrl, caBundle: string | undefined, now: Date): Promise<Findings> {
  const [client, { loadRoots }, { describeChain }] = await Promise.all([
    import("../client/inspect-server.ts"),
    import("../client/trust.ts"),
    import("../pki/certificate-chain.ts"),
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
  const pki = await import("../pki/inspect-file.ts");
  const found = await pki.inspectFile(path, now).catch((cause) => {
    if (!(cause instanceof CertificateError) || cause.code !== "CERTIFICATE_NOT_FOUND") throw cause;
    const hint = "Check the path; to look at a server's certificate, write HOST:PORT or vibectl-server://HOST.";
    throw new CertificateError(cause.code, cause.message, { hint, cause });
  });
  return fileFindings(found);
}

/** What is not there is null. In JSON a character that can't be seen is in a string, where it may be written `\\u001b`. */
function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (part === undefined ? null : part), 2);
  return visibleText(text, "\n");
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
    const { chain, above, below, fields } = found;
    if (flags.json) return output.line(toJson({ source: url?.authority ?? flags.source, ...fields, ...chain }));
    const { certificates } = chain;
    const blocks = certificates.map((each) => formatCertificate(each, certificates.length, now, output));
    output.line([...above, ...blocks, ...below].join("\n").trimEnd());
  },
});
