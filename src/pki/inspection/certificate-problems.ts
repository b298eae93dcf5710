import { isIP } from "node:net";
import { dayMs, formatSpan } from "../../time.ts";
import { isNearEnd } from "../validity.ts";
import type { CertificateDescription } from "./describe-certificate.ts";

type Rule = (certificate: CertificateDescription, now: Date) => Array<string | false | undefined>;

/** The longest life of a server's certificate that browsers took from 2020 on, in days. */
const longestLifeDays = 398;

/** The longest serial number (RFC 5280, section 4.1.2.2), in bytes. */
const longestSerialBytes = 20;

const leastRsaBits = 2048;

function isAuthority({ basicConstraints }: CertificateDescription): boolean {
  return basicConstraints?.authority === true;
}

function namesHosts({ names = [] }: CertificateDescription): boolean {
  return names.some(({ kind }) => kind === "dns" || kind === "ip");
}

function servesTls({ extendedKeyUsage }: CertificateDescription): boolean {
  return extendedKeyUsage?.some((usage) => usage === "serverAuth" || usage === "anyExtendedKeyUsage") ?? true;
}

function extension({ extensions }: CertificateDescription, name: string) {
  return extensions.find((each) => each.name === name);
}

const dates: Rule = ({ notBefore, notAfter }, now) => {
  const left = notAfter.getTime() - now.getTime();
  const life = notAfter.getTime() - notBefore.getTime();
  if (life < 0) return ["It ends before it begins"];
  if (left < 0) return [`It expired ${formatSpan(-left)} ago`];
  return [
    now < notBefore && `It is not valid yet: it begins in ${formatSpan(notBefore.getTime() - now.getTime())}`,
    isNearEnd({ notBefore, notAfter }, now) && `It expires in ${formatSpan(left)}`,
  ];
};

// Nobody verifies a root's own signature.
const strength: Rule = ({
  key: { algorithm, bits = leastRsaBits },
  signatureAlgorithm,
  selfSigned,
  basicConstraints,
}) => [
  /\b(MD2|MD5|SHA-1)\b/.test(signatureAlgorithm) &&
    !(selfSigned && basicConstraints?.authority) &&
    `It is signed with a hash that is broken (${signatureAlgorithm}): clients refuse it`,
  bits < leastRsaBits && `Its ${algorithm} key has ${bits} bits, and clients want ${leastRsaBits} at least`,
];

const serialNumber: Rule = ({ serialNumber: serial }) => {
  if (serial.startsWith("-")) return ["Its serial number is negative"];
  if (/^0+$/.test(serial)) return ["Its serial number is zero"];
  // The sign takes a bit of the first byte.
  const bytes = serial.length / 2 + (serial >= "8" ? 1 : 0);
  return [
    bytes > longestSerialBytes && `Its serial number has ${bytes} bytes, and ${longestSerialBytes} at most are allowed`,
  ];
};

const authority: Rule = (certificate) => {
  if (!isAuthority(certificate)) return [];
  const { keyUsage } = certificate;
  return [
    namesHosts(certificate) && "It names hosts as a server's certificate does, and is a CA (CA:TRUE)",
    extension(certificate, "basicConstraints")?.critical === false &&
      "It is a CA whose basicConstraints are not critical",
    keyUsage === undefined && "It is a CA without a key usage: strict clients refuse what it issues",
    keyUsage?.includes("keyCertSign") === false &&
      "It is a CA whose key usage lacks keyCertSign: it can't issue anything",
    certificate.subjectKeyId === undefined && "It is a CA without a subject key identifier: strict clients refuse it",
  ];
};

const leaf: Rule = (certificate) => {
  if (isAuthority(certificate)) return [];
  const { notBefore, notAfter, names, extendedKeyUsage } = certificate;
  const server = servesTls(certificate);
  const lifeDays = Math.ceil((notAfter.getTime() + 1000 - notBefore.getTime()) / dayMs);
  return [
    server && !names?.length && "It has no subject alternative name: clients refuse it for every host",
    namesHosts(certificate) &&
      !server &&
      "It names hosts, and its extended key usage lacks serverAuth: no server can use it",
    namesHosts(certificate) && !extendedKeyUsage && "It has no extended key usage: strict clients want serverAuth",
    server &&
      lifeDays > longestLifeDays &&
      `It is valid for ${lifeDays} days, and some clients take ${longestLifeDays} at most`,
  ];
};

const identifiers: Rule = (certificate) => [
  extension(certificate, "extKeyUsage")?.critical && "Its extended key usage is critical: some clients refuse it",
  !certificate.selfSigned &&
    certificate.authorityKeyId === undefined &&
    "It has no authority key identifier: strict clients refuse it",
];

const decoding: Rule = ({ extensions }) => {
  const shown = (id: string, name: string | undefined) => (name === undefined ? id : `${name} (${id})`);
  const seen = new Set<string>();
  const twice = extensions.filter(({ id }) => seen.size === seen.add(id).size);
  return [
    ...extensions.map(
      ({ id, name, damaged }) => damaged !== undefined && `Its extension ${shown(id, name)} can't be decoded`,
    ),
    ...extensions.map(
      ({ id, name, critical }) => critical && name === undefined && `Its critical extension ${id} is not known here`,
    ),
    ...twice.map(({ id, name }) => `Its extension ${shown(id, name)} is there more than once`),
  ];
};

function nameProblem(name: string): string | undefined {
  const quoted = JSON.stringify(name);
  if (isIP(name) !== 0) return `The IP address ${name} is written as a DNS name: clients don't look for it there`;
  if (name.split(".").includes("")) return `The DNS name ${quoted} has an empty label`;
  if (name.includes("_")) return `The DNS name ${quoted} has an underscore, which host names can't have`;
  return undefined;
}

/** The most names that are complained of one by one. */
const mostNames = 5;

const alternativeNames: Rule = ({ names = [] }) => {
  const problems = names.flatMap(({ kind, value }) => {
    if (kind === "damaged") return [`A subject alternative name can't be decoded (${value})`];
    return kind === "dns" ? [nameProblem(value)] : [];
  });
  const told = problems.filter((problem) => problem !== undefined);
  const more = told.length - mostNames;
  return [...told.slice(0, mostNames), more > 0 && `${more} more of its names have problems like these`];
};

const rules: readonly Rule[] = [
  dates,
  strength,
  leaf,
  alternativeNames,
  authority,
  identifiers,
  serialNumber,
  decoding,
];

/**
 * What a strict verifier or an operator would mind about a certificate by itself; whether somebody trusts it is another
 * matter.
 *
 * @returns Each a sentence, what is most pressing first.
 */
export function findProblems(certificate: CertificateDescription, now: Date): string[] {
  return rules.flatMap((rule) => rule(certificate, now)).filter((problem) => typeof problem === "string");
}
