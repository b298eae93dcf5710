import type { CertificateChain, ChainedCertificate } from "../pki/inspection/certificate-chain.ts";
import type { ExtensionDescription } from "../pki/inspection/describe-extensions.ts";
import type { AlternativeName } from "../pki/inspection/describe-names.ts";
import { formatSpan, formatTime } from "../time.ts";
import type { Block, Row } from "./block.ts";

/** The most names that are shown. */
const mostNames = 20;

/** Where lists are broken, in characters. */
const widest = 76;

/** Joins items by commas, on as many lines as they take. */
function listed(items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const word = index < items.length - 1 ? `${item},` : item;
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < widest) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const prefixes: Readonly<Record<AlternativeName["kind"], string>> = {
  dns: "",
  ip: "",
  uri: "URI ",
  email: "email ",
  directory: "directory ",
  registered: "registered ID ",
  other: "other ",
  damaged: "damaged: ",
};

function nameText({ kind, value, unicode }: AlternativeName): string {
  return `${prefixes[kind]}${value}${unicode === undefined ? "" : ` (${unicode})`}`;
}

function nameLines(names: readonly AlternativeName[]): string[] {
  const more = names.length - mostNames;
  const shown = names.slice(0, mostNames).map(nameText);
  return listed(more > 0 ? [...shown, `and ${more} more (--json shows all)`] : shown);
}

function relative(time: Date, now: Date): string {
  const ms = time.getTime() - now.getTime();
  return ms > 0 ? `in ${formatSpan(ms)}` : `${formatSpan(-ms)} ago`;
}

function dated(time: Date, now: Date): string {
  return `${formatTime(time)} (${relative(time, now)})`;
}

function issuerText({ issuer, selfSigned, number, issuedBy }: ChainedCertificate): string {
  if (selfSigned) return "itself";
  const place = issuedBy === undefined || issuedBy === number ? "" : ` (number ${issuedBy})`;
  return `${issuer.text || "an empty name"}${place}`;
}

function usageText({ keyUsage, extendedKeyUsage }: ChainedCertificate): string {
  return [extendedKeyUsage, keyUsage].flatMap((usages) => (usages ? [usages.join(", ")] : [])).join("; ");
}

function authorityText({ basicConstraints }: ChainedCertificate): string {
  if (!basicConstraints?.authority) return "no";
  const { pathLength } = basicConstraints;
  return pathLength === undefined ? "yes, with any number of CAs below it" : `yes, path length ${pathLength}`;
}

function extensionText({ id, name, critical, damaged }: ExtensionDescription): string {
  const marks = [
    ...(critical ? ["critical"] : []),
    ...(damaged === undefined ? [] : [`damaged: ${damaged || "empty"}`]),
  ];
  return `${name ?? id}${marks.length > 0 ? ` (${marks.join(", ")})` : ""}`;
}

/** A row, unless there is nothing to tell. */
export function optional(label: string, text: Row[1] | undefined): Row[] {
  return text === undefined || text.length === 0 ? [] : [[label, text]];
}

function constraintRows({ nameConstraints }: ChainedCertificate): Row[] {
  if (!nameConstraints) return [];
  const { permitted, excluded } = nameConstraints;
  return [...optional("Permitted", nameLines(permitted)), ...optional("Excluded", nameLines(excluded))];
}

function certificateRows(certificate: ChainedCertificate, now: Date): Row[] {
  const { names = [], extensions, version, fingerprints } = certificate;
  return [
    ...optional("For", nameLines(names)),
    ["Subject", certificate.subject.text || "an empty name"],
    ["Issued by", issuerText(certificate)],
    ["Valid from", dated(certificate.notBefore, now)],
    ["Valid until", dated(certificate.notAfter, now)],
    ["Key", certificate.key.kind],
    ...optional("Usage", usageText(certificate)),
    ["CA", authorityText(certificate)],
    ...constraintRows(certificate),
    ["Signature", certificate.signatureAlgorithm],
    ["Extensions", extensions.length > 0 ? listed(extensions.map(extensionText)) : `none (version ${version})`],
    ["Serial", certificate.serialNumber],
    ...optional("Key ID", certificate.subjectKeyId),
    ...optional("Issuer's key", certificate.authorityKeyId),
    ["SHA-256", fingerprints.sha256],
    ["SHA-1", fingerprints.sha1],
  ];
}

/**
 * A certificate as a block: what is most wanted first.
 *
 * @param total - How many certificates there are.
 */
export function certificateBlock(certificate: ChainedCertificate, total: number, now: Date): Block {
  return {
    heading: total === 1 ? "Certificate" : `Certificate ${certificate.number} of ${total}`,
    rows: certificateRows(certificate, now),
    warnings: certificate.problems,
  };
}

/**
 * How certificates hang together, a line each.
 *
 * @param place - Where they are, such as `in this file`.
 */
export function chainLines({ certificates, issuerMissing }: CertificateChain, place: string): string[] {
  if (certificates.every(({ selfSigned }) => selfSigned)) {
    return certificates.length > 1 ? ["each is a root: it signed itself"] : [];
  }
  const links = certificates.flatMap(({ number, issuedBy }) => {
    if (issuedBy === undefined) return [];
    if (issuedBy === number) return [`number ${number} is a root: it signed itself`];
    return [`number ${number} was issued by number ${issuedBy}`];
  });
  const missing = issuerMissing.map((number) => {
    const issuer = certificates[number - 1]?.issuer.text || "an empty name";
    return `the issuer of number ${number}, ${issuer}, is not ${place}: right if clients have it among their roots`;
  });
  return [...links, ...missing];
}

/** What is wrong with the order of certificates. */
export function orderWarnings({ inOrder, rightOrder }: CertificateChain): string[] {
  if (inOrder) return [];
  const order = rightOrder === undefined ? "" : `; it would be ${rightOrder.join(", ")}`;
  return [`The order is wrong: each must stand right before the one that issued it${order}`];
}
