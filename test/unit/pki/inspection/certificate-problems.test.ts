import { describe, expect, test } from "bun:test";
import { findProblems } from "../../../../src/pki/inspection/certificate-problems.ts";
import { describeCertificate } from "../../../../src/pki/inspection/describe-certificate.ts";
import { hasOpenssl } from "../openssl.ts";
import { authorityExtensions, type OddOptions, oddCertificates, p256, serverExtensions } from "./odd-certificates.ts";

const { make } = oddCertificates();
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** What is minded about a certificate in the middle of its life, or some time after its begin. */
function problemsOf(options: OddOptions, afterMs?: number): string[] {
  const description = describeCertificate(make(options).der);
  const [begin, end] = [description.notBefore.getTime(), description.notAfter.getTime()];
  return findProblems(description, new Date(afterMs === undefined ? (begin + end) / 2 : begin + afterMs));
}

/** A server's extensions, some of them in place of the usual ones. */
function server(...changed: string[]): string[] {
  const kept = serverExtensions.filter((line) => !changed.some((other) => line.split("=")[0] === other.split("=")[0]));
  return [...kept, ...changed.filter((line) => !line.endsWith("="))];
}

const authority = (...changed: string[]) => [...authorityExtensions.slice(changed.length > 0 ? 1 : 0), ...changed];
const rsa = (bits: number) => ["-algorithm", "RSA", "-pkeyopt", `rsa_keygen_bits:${bits}`];

describe.skipIf(!hasOpenssl)("nothing is minded about", () => {
  test.each<[string, OddOptions]>([
    ["a server's certificate", {}],
    ["one for several hosts", { extensions: server("subjectAltName=DNS:*.example.org,IP:::1,URI:a_b..c") }],
    [
      "a client's certificate without names",
      { extensions: ["extendedKeyUsage=clientAuth", "keyUsage=digitalSignature"] },
    ],
    ["a root, whose own signature nobody verifies", { extensions: authority(), days: 3650, digest: "-sha1" }],
    ["one with 398 days", { days: 397 }],
    ["one with a serial number of 20 bytes", { serial: `0x7f${"ff".repeat(19)}` }],
  ])("%s", (_, options) => {
    expect(problemsOf(options)).toEqual([]);
  });

  test("what a CA issues, with an authority key identifier", () => {
    const issuer = make({ extensions: authorityExtensions });
    expect(problemsOf({ issuer, extensions: server("authorityKeyIdentifier=keyid") })).toEqual([]);
  });
});

describe.skipIf(!hasOpenssl)("what is minded about a certificate's dates:", () => {
  test.each<[string, number, number, string | undefined]>([
    ["it is past its last second", 90, 91 * dayMs, "It expired 24 hours ago"],
    ["it is long past", 90, 190 * dayMs, "It expired 100 days ago"],
    ["it has not begun", 90, -3 * hourMs, "It is not valid yet: it begins in 3 hours"],
    ["it is in its last fourteen days", 90, 76.5 * dayMs, "It expires in 13 days"],
    ["it is before them", 90, 75.5 * dayMs, undefined],
    ["it is in the last fifth of a short life", 5, 4.5 * dayMs, "It expires in 12 hours"],
    ["it is before that", 5, 3.5 * dayMs, undefined],
  ])("%s", (_, days, afterMs, problem) => {
    expect(problemsOf({ days }, afterMs)).toEqual(problem === undefined ? [] : [problem]);
  });
});

describe.skipIf(!hasOpenssl)("it is minded that a certificate", () => {
  test.each<[string, OddOptions, string]>([
    ["names no host", { extensions: server("subjectAltName=") }, "has no subject alternative name"],
    ["names nothing", { extensions: server("subjectAltName=DER:30:00") }, "has no subject alternative name"],
    [
      "is for clients alone, and names hosts",
      { extensions: server("extendedKeyUsage=clientAuth") },
      "lacks serverAuth",
    ],
    ["has no extended key usage", { extensions: server("extendedKeyUsage=") }, "has no extended key usage"],
    [
      "has a critical extended key usage",
      { extensions: server("extendedKeyUsage=critical,serverAuth") },
      "extended key usage is critical",
    ],
    ["lives too long", { days: 398 }, "is valid for 399 days, and some clients take 398"],
    ["is signed with SHA-1", { digest: "-sha1" }, "hash that is broken (ECDSA with SHA-1)"],
    ["is signed with MD5", { key: rsa(2048), digest: "-md5" }, "hash that is broken (RSA with MD5)"],
    ["has a short key", { key: rsa(1024) }, "RSA key has 1024 bits"],
    ["has the serial number zero", { serial: "0" }, "serial number is zero"],
    ["has a negative serial number", { serial: "-5" }, "serial number is negative"],
    ["has a long serial number", { serial: `0x${"ff".repeat(20)}` }, "serial number has 21 bytes"],
    [
      "has an underscore in a name",
      { extensions: server("subjectAltName=DNS:a_b.example") },
      '"a_b.example" has an underscore',
    ],
    ["has an empty label in a name", { extensions: server("subjectAltName=DNS:a..b") }, '"a..b" has an empty label'],
    [
      "has a dot at a name's end",
      { extensions: server("subjectAltName=DNS:example.org.") },
      '"example.org." has an empty label',
    ],
    [
      "has an address as a name",
      { extensions: server("subjectAltName=DNS:10.0.0.1") },
      "10.0.0.1 is written as a DNS name",
    ],
    [
      "has a damaged name",
      { extensions: server("subjectAltName=DER:30:06:87:01:0a:82:01:61") },
      "name can't be decoded",
    ],
    [
      "has a damaged extension",
      { extensions: server("keyUsage=DER:05:00") },
      "extension keyUsage (2.5.29.15) can't be decoded",
    ],
    [
      "has an unknown critical extension",
      { extensions: [...server(), "1.2.3.4=critical,DER:05:00"] },
      "1.2.3.4 is not known",
    ],
    ["is a CA and names hosts", { extensions: [...authority(), "subjectAltName=DNS:a.example"] }, "is a CA (CA:TRUE)"],
    [
      "is a CA by an extension that is not critical",
      { extensions: authority("basicConstraints=CA:TRUE") },
      "basicConstraints are not critical",
    ],
  ])("%s", (_, options, problem) => {
    expect(problemsOf(options)).toEqual([expect.stringContaining(problem)]);
  });

  test.each<[string, string[], string]>([
    ["has no key usage", ["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash"], "CA without a key usage"],
    [
      "can't sign certificates",
      ["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash", "keyUsage=critical,cRLSign"],
      "lacks keyCertSign",
    ],
    [
      "has no subject key identifier",
      ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"],
      "CA without a subject key identifier",
    ],
  ])("is a CA that %s", (_, extensions, problem) => {
    expect(problemsOf({ extensions, key: p256 })).toEqual([expect.stringContaining(problem)]);
  });

  test("lacks an authority key identifier, unless it signed itself", () => {
    const issuer = make({ extensions: authorityExtensions, subject: "/CN=An issuer" });
    expect(problemsOf({ issuer })).toEqual(["It has no authority key identifier: strict clients refuse it"]);
  });

  test("has many odd names, without telling of each", () => {
    const names = Array.from({ length: 50 }, (_, index) => `DNS:a_${index}.example`).join(",");
    const problems = problemsOf({ extensions: server(`subjectAltName=${names}`) });
    expect(problems).toHaveLength(6);
    expect(problems.at(-1)).toBe("45 more of its names have problems like these");
  });
});
