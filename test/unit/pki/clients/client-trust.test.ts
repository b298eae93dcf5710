import { describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadClientTrust } from "../../../../src/pki/clients/client-trust.ts";
import { OpensslCa, type OpensslPair } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { failureOf } from "../failure.ts";

const folder = temporaryFolder();
const now = new Date();
const fromNow = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const certificateOf = ({ cert }: OpensslPair) => new X509Certificate(cert);

const root = new OpensslCa(folder, "root", { notAfter: fromNow(48) });
const sub = new OpensslCa(folder, "sub", { issuer: root });
const other = new OpensslCa(folder, "other");
const past = { notBefore: fromNow(-3), notAfter: fromNow(-2) };
const expired = new OpensslCa(folder, "expired", past);
const future = new OpensslCa(folder, "future", { notBefore: fromNow(2) });
const damaged = new OpensslCa(folder, "damaged", { extensions: ["subjectAltName=DER:0500"] });
const [alice, carol] = [root.issue("alice"), sub.issue("carol")];

let count = 0;
function place(content: string): string {
  const path = join(folder, `${count++}.pem`);
  writeFileSync(path, content);
  return path;
}

const load = (content: string, crl?: string) =>
  loadClientTrust({ caFile: place(content), crlFile: crl === undefined ? undefined : place(crl), now });

describe("the file of client CAs", () => {
  test("may hold several, with other text between them", async () => {
    const trust = await load(`The root:\n${root.cert}and another one:\n${other.cert}`);
    expect(trust.certificates.map(({ subject }) => subject)).toEqual(["CN=root", "CN=other"]);
    expect(trust.roots).toBe(root.cert + other.cert);
    expect(trust.warnings).toEqual([]);
    expect(trust.revocation).toBeUndefined();
  });

  test("may hold one that has expired: it is named, and left out", async () => {
    const trust = await load(expired.cert + root.cert);
    expect(trust.roots).toBe(root.cert);
    expect(trust.warnings).toEqual([expect.stringMatching(/^The client CA CN=expired in .* expired on \d/)]);
  });

  test("may hold one that is not valid yet: it is named", async () => {
    const trust = await load(root.cert + future.cert);
    expect(trust.roots).toBe(root.cert + future.cert);
    expect(trust.warnings).toEqual([expect.stringMatching(/^The client CA CN=future in .* is valid only from \d/)]);
  });

  test.each([
    ["only expired ones", expired.cert, "CERTIFICATE_EXPIRED", "have expired, CN=expired on"],
    ["a client's certificate", alice.cert, "CERTIFICATE_PURPOSE_WRONG", "CN=alice in"],
    ["a client's certificate behind a CA's", root.cert + alice.cert, "CERTIFICATE_PURPOSE_WRONG", "is no CA"],
    ["a key", root.key, "CERTIFICATE_MALFORMED", "holds a private key"],
    [
      "a CA's with a damaged extension",
      damaged.cert,
      "CERTIFICATE_MALFORMED",
      "number 1, the extension subjectAltName",
    ],
    ["nothing", "", "CERTIFICATE_MALFORMED", "is empty"],
  ])("that holds %s is refused", async (_, content, code, found) => {
    const error = await failureOf(load(content));
    expect(error).toMatchObject({ code, message: expect.stringContaining(found) });
    if (code !== "CERTIFICATE_EXPIRED") expect(error.hint).toContain("CAs that issue the clients' certificates");
  });

  test("that is not there is refused", async () => {
    const caFile = join(folder, "missing.pem");
    const error = await failureOf(loadClientTrust({ caFile, now }));
    expect(error).toMatchObject({ code: "CERTIFICATE_NOT_FOUND", message: expect.stringContaining(caFile) });
    expect(error.hint).not.toContain("generate-certs");
  });
});

describe("a client's certificate", () => {
  test("counts below a CA that is trusted, with the intermediates that the client sends", async () => {
    const trust = await load(root.cert);
    expect(trust.objectionTo([certificateOf(alice)], now)).toBeUndefined();
    expect(trust.objectionTo([certificateOf(carol), certificateOf(sub)], now)).toBeUndefined();
    const misordered = [certificateOf(carol), certificateOf(other), certificateOf(sub)] as const;
    expect(trust.objectionTo(misordered, now)).toBeUndefined();
  });

  test("does not count below others, or without its intermediate", async () => {
    const trust = await load(root.cert);
    for (const chain of [[other.issue("mallory"), other], [carol]] as const) {
      const [leaf, ...issuers] = chain;
      const objection = trust.objectionTo([certificateOf(leaf), ...issuers.map(certificateOf)], now);
      expect(objection).toMatch(/^the client certificate \(CN=\w+, serial [0-9A-F]+\) is of no CA that is trusted$/);
    }
  });

  test("does not count below a client's certificate, which is no CA", async () => {
    const trust = await load(root.cert);
    const fake = new OpensslCa(folder, "fake", { issuer: root, extensions: ["basicConstraints=CA:FALSE"] });
    const leaf = fake.issue("leaf");
    expect(certificateOf(fake).ca).toBe(false);
    expect(trust.objectionTo([certificateOf(leaf), certificateOf(fake)], now)).toContain("no CA that is trusted");
  });

  test("counts from its first second to its last, and its CAs'", async () => {
    const trust = await load(root.cert);
    const early = sub.issue("early", { notBefore: fromNow(1), notAfter: fromNow(72) });
    const chain = [certificateOf(early), certificateOf(sub)] as const;
    expect(trust.objectionTo(chain, now)).toMatch(/CN=early, .* is valid only from /);
    expect(trust.objectionTo(chain, fromNow(2))).toBeUndefined();
    expect(trust.objectionTo(chain, fromNow(30))).toMatch(/CN=early, .* is of a CA \(CN=sub, .*\) that expired on /);
    expect(trust.objectionTo(chain, fromNow(80))).toMatch(/CN=early, .*\) expired on /);
  });

  test("does not count when it, or the CA below the root that issued it, is revoked", async () => {
    const ca = new OpensslCa(folder, "strict");
    const middle = new OpensslCa(folder, "middle", { issuer: ca });
    const [leaf, below, fine] = [ca.issue("leaf"), middle.issue("below"), ca.issue("fine")];
    ca.revoke(leaf, "superseded");
    ca.revoke(middle, "CACompromise");
    for (const trust of [await load(ca.cert, ca.crl()), await load(middle.cert + ca.cert, ca.crl())]) {
      expect(trust.objectionTo([certificateOf(fine)], now)).toBeUndefined();
      expect(trust.objectionTo([certificateOf(leaf)], now)).toMatch(/CN=leaf, .*\) was revoked on .* \(superseded\)$/);
      expect(trust.objectionTo([certificateOf(below), certificateOf(middle)], now)).toMatch(
        /CN=below, .*\) was issued by a CA \(CN=middle, .*\) whose own certificate was revoked on .* \(cACompromise\)$/,
      );
    }
  });

  test("does not count when its CA's list has run out", async () => {
    const trust = await load(root.cert, root.crl({ nextUpdate: fromNow(1) }));
    expect(trust.objectionTo([certificateOf(alice)], now)).toBeUndefined();
    expect(trust.objectionTo([certificateOf(alice)], fromNow(2))).toMatch(/can't be checked: .* CN=root ran out on /);
  });
});

test("CAs without a list are named", async () => {
  const trust = await load(root.cert + other.cert, root.crl());
  expect(trust.warnings).toEqual([expect.stringContaining("no revocation list of CN=other")]);
  expect(trust.revocation?.nextUpdate).toBeDate();
});

test("a list that can't be used is refused", async () => {
  expect((await failureOf(load(root.cert, other.crl()))).code).toBe("CRL_FOREIGN");
});
