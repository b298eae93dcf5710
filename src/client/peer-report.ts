import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { dayMs, formatSpan, formatTime } from "../time.ts";
import { printable } from "./display-text.ts";
import { StepFailure } from "./step.ts";
import type { Handshake, Peer } from "./tls-handshake.ts";

/** A certificate is near its end in the last fifth of its life, or the last fourteen days where that is shorter. */
const lastDays = 14;

interface Problem {
  summary: string;
  hint: string;
}

/** A distinguished name on one line. */
function nameOf(distinguishedName: string): string {
  return printable(distinguishedName.split("\n").join(", ")) || "an empty name";
}

/** The DNS names and IP addresses that a certificate is valid for (RFC 5280, section 4.2.1.6). */
function hostsOf({ subjectAltName }: Pick<X509Certificate, "subjectAltName">): string[] {
  const names = (subjectAltName ?? "").matchAll(/(?:^|, )(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, kind, value = ""]) => {
    if (kind === "IP Address" && isIP(value) === 6) return new URL(`http://[${value}]/`).hostname.slice(1, -1);
    return printable(value);
  });
}

/** What a server showed, a line each. */
export function describePeerLines({ version, cipher, alpn, leaf }: Peer, now: Date): string[] {
  const left = leaf.validToDate.getTime() - now.getTime();
  const remaining = left > 0 ? `${formatSpan(left)} left` : `ended ${formatSpan(-left)} ago`;
  return [
    `${version}, ${cipher}, ALPN ${alpn ?? "none"}`,
    `Certificate of ${nameOf(leaf.subject)}, for ${hostsOf(leaf).join(", ") || "no host"}`,
    `Issued by ${nameOf(leaf.issuer)}`,
    `Valid from ${formatTime(leaf.validFromDate)} until ${formatTime(leaf.validToDate)} (${remaining})`,
  ];
}

/** What is good now and won't stay so; undefined when all is well. */
export function warningOf({ version, leaf }: Peer, now: Date): Problem | undefined {
  const end = leaf.validToDate.getTime();
  const left = end - now.getTime();
  if (left < Math.min((end - leaf.validFromDate.getTime()) / 5, lastDays * dayMs)) {
    return {
      summary: `the certificate expires in ${formatSpan(left)}`,
      hint: "Renew it: vibectl-server generate-certs, where it comes from the development CA.",
    };
  }
  if (version !== "TLSv1.3") {
    return { summary: `the server speaks no TLS newer than ${version}`, hint: "vibectl asks for TLS 1.3: allow it." };
  }
  return undefined;
}

function issuerProblem({ leaf, refusal }: Peer, { roots }: Handshake): Problem {
  const issuer = nameOf(leaf.issuer);
  const ask = "give the server's ca-bundle.crt with --ca-bundle FILE or in VIBECTL_CA_BUNDLE";
  const namesakes = roots.certificates
    .map((pem) => new X509Certificate(pem))
    .filter((root) => root.subject === leaf.issuer);
  if (namesakes.some((root) => leaf.verify(root.publicKey))) {
    return {
      summary: `the certificate's issuer, ${issuer}, is known, and the certificate is refused: ${refusal}`,
      hint: "Have another certificate issued, one that is meant for a server: vibectl-server generate-certs.",
    };
  }
  if (namesakes.length > 0) {
    return {
      summary: `the certificate's issuer, ${issuer}, is not the one of that name in ${roots.source}`,
      hint: `The server has a new CA since that file was made: ${ask}.`,
    };
  }
  const summary =
    leaf.subject === leaf.issuer
      ? `the certificate is self-signed, and not in ${roots.source}`
      : `the certificate's issuer, ${issuer}, is not trusted by ${roots.source}`;
  const hint = roots.named
    ? `${roots.source} belongs to another server, or this one does not send its intermediate certificates: ${ask}.`
    : `Where the server has a private CA, ${ask}.`;
  return { summary, hint };
}

function dateProblem({ leaf }: Peer, now: Date): Problem | undefined {
  if (now > leaf.validToDate) {
    return {
      summary: `the certificate expired on ${formatTime(leaf.validToDate)}`,
      hint: "Renew it on the server: vibectl-server generate-certs. If it should be valid, check this machine's clock.",
    };
  }
  if (now < leaf.validFromDate) {
    return {
      summary: `the certificate is valid only from ${formatTime(leaf.validFromDate)}`,
      hint: `Check this machine's clock: it says ${formatTime(now)}.`,
    };
  }
  return undefined;
}

function hostProblem({ leaf }: Peer, { host }: Handshake): Problem | undefined {
  if (checkServerIdentity(host, leaf.toLegacyObject()) === undefined) return undefined;
  const hosts = hostsOf(leaf);
  return {
    summary: `the certificate does not cover ${host}; it is for ${hosts.join(", ") || "no host"}`,
    hint: `Dial a name that it covers, or have one issued: vibectl-server generate-certs --hostname ${host}`,
  };
}

/** Refusals that a certificate's dates or names explain; all others are about its issuer. */
const ownRefusals = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID"]);

function chainProblem(peer: Peer, handshake: Handshake, own: readonly Problem[]): Problem | undefined {
  const { leaf, refusal } = peer;
  if (refusal === undefined) return undefined;
  // Of a leaf outside its dates that alone is reported, whether or not its issuer was found.
  const issuerMissing = leaf.issuerCertificate === undefined && leaf.subject !== leaf.issuer;
  if (!ownRefusals.has(refusal) || issuerMissing) return issuerProblem(peer, handshake);
  if (own.length > 0) return undefined;
  return {
    summary: `a CA certificate above the server's own is outside its dates (${refusal})`,
    hint: "Renew the CA, and give its new bundle with --ca-bundle FILE.",
  };
}

/**
 * Says why a server's certificate was refused.
 *
 * @returns Undefined when nothing is wrong with it.
 */
export function explainRefusal(peer: Peer, handshake: Handshake, now: Date): StepFailure | undefined {
  const own = [dateProblem(peer, now), hostProblem(peer, handshake)].filter((problem) => problem !== undefined);
  const chain = chainProblem(peer, handshake, own);
  const [first, ...others] = chain ? [chain, ...own] : own;
  if (first === undefined) return undefined;
  return new StepFailure(first.summary, {
    hint: first.hint,
    details: [...others.map(({ summary }) => `Also: ${summary}`), ...describePeerLines(peer, now)],
  });
}
