import type { ServerInspection } from "../client/inspect-server.ts";
import type { CertificateChain } from "../pki/inspection/certificate-chain.ts";
import type { FoundKey, InspectedFile } from "../pki/inspection/inspect-file.ts";
import { type Block, formatBlock, type Row } from "./block.ts";
import { certificateBlock, chainLines, optional, orderWarnings } from "./certificate-block.ts";
import { formatJson } from "./json.ts";

/** What was found, for either form of output. */
export interface Findings {
  chain: CertificateChain;
  /** What stands above the certificates. */
  above: readonly Block[];
  /** What stands below them. */
  below: Block;
  /** The source's own part of the JSON. */
  fields: Record<string, unknown>;
}

function keyText({ belongsTo, unreadable }: FoundKey, total: number): string {
  const key = "a private key, which is not shown";
  if (belongsTo === undefined) return `${key} (it is ${unreadable}, so whose it is can't be told)`;
  if (belongsTo.length === 0) return key;
  return `${key} and belongs to ${total === 1 ? "the certificate" : `number ${belongsTo.join(" and ")}`}`;
}

/** What is to be told of a file. */
export function fileFindings({ chain, privateKeys, others }: InspectedFile): Findings {
  const also = [...privateKeys.map((key) => keyText(key, chain.certificates.length)), ...others];
  const strange = privateKeys.some(({ belongsTo }) => belongsTo?.length === 0);
  const below = {
    heading: "The file as a whole",
    rows: [...optional("Chain", chainLines(chain, "in this file")), ...optional("Also there", also)],
    warnings: [...orderWarnings(chain), ...(strange ? ["The private key belongs to no certificate in this file"] : [])],
  };
  return { chain, above: [], below, fields: { privateKeys, others } };
}

function verdictRows({ host, verdict: { verified, roots, coversHost, reasons, hint } }: ServerInspection): Row[] {
  const outcome = verified === undefined ? "can't be told" : verified ? "yes" : "no";
  return [
    ["Covers", `${host}: ${coversHost ? "yes" : "no"}`],
    ["Verified", [`${outcome}, by ${roots}`, ...reasons, ...(hint === undefined ? [] : [`hint: ${hint}`])]],
  ];
}

/** What is to be told of a server. */
export function serverFindings(server: ServerInspection, chain: CertificateChain): Findings {
  const { certificates: _, ...fields } = server;
  const { authority, address, version, cipher, alpn } = server;
  const rows: Row[] = [
    ["Address", address],
    ["TLS", `${version}, ${cipher}, ALPN ${alpn ?? "none"}`],
    ...verdictRows(server),
  ];
  const below = {
    heading: "The chain as sent",
    rows: optional("Chain", chainLines(chain, "sent")),
    warnings: orderWarnings(chain),
  };
  const above = [{ heading: `Server ${authority}`, rows, warnings: [] }];
  return { chain, above, below, fields: { server: fields } };
}

/** The certificates, and what is to be told around them. */
export function formatFindings({ chain, above, below }: Findings, now: Date, style: { colour: boolean }): string {
  const { certificates } = chain;
  const blocks = [...above, ...certificates.map((each) => certificateBlock(each, certificates.length, now)), below];
  const told = blocks.filter(({ rows, warnings }) => rows.length + warnings.length > 0);
  return told.map((block) => formatBlock(block, style)).join("\n\n");
}

/**
 * All of it in JSON. Its keys are those of what was found, in camelCase.
 *
 * @param source - What was looked at, without a token.
 */
export function toJson(source: string, { fields, chain }: Findings): string {
  return formatJson({ source, ...fields, ...chain });
}
