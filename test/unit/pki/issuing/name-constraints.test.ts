import { describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { parseHostNames } from "../../../../src/pki/host-names.ts";
import { type CertificateRequest, type Issuer, issueCertificate } from "../../../../src/pki/issuing/certificate.ts";
import { systemRandom } from "../../../../src/pki/issuing/keys.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { makeRoot, now } from "../authorities.ts";
import { dissect, hexOf } from "../dissect.ts";
import { failureOf } from "../failure.ts";
import { hasOpenssl } from "../openssl.ts";

const folder = temporaryFolder();
const root = await makeRoot("A root");

async function issue(request: Partial<CertificateRequest>): Promise<X509Certificate> {
  const common = {
    subject: { commonName: "A name" },
    names: [],
    key: root.key,
    issuer: root,
    now,
    random: systemRandom,
  };
  return new X509Certificate(await issueCertificate({ profile: profiles.intermediate, ...common, ...request }));
}

async function constrained(...permittedDomains: string[]): Promise<Issuer> {
  return { certificate: await issue({ permittedDomains }), key: root.key };
}

const constraintsOf = ({ certificate }: Issuer) => dissect(certificate).extensions.find(({ id }) => id === "2.5.29.30");

const domain = `300d820b${hexOf(Buffer.from("example.org"))}`;

describe("the name constraints of a CA", () => {
  test("are critical, and exclude every address", async () => {
    const excluded = `300a8708${"00".repeat(8)}30228720${"00".repeat(32)}`;
    expect(constraintsOf(await constrained("*.Example.org"))).toEqual({
      id: "2.5.29.30",
      critical: true,
      hex: `3043a00f${domain}a130${excluded}`,
    });
  });

  test("are absent where it may issue for all", async () => {
    expect(constraintsOf(await constrained())).toBeUndefined();
  });

  test.each(["10.0.0.1", "10.0.0.0/8", "a_b.example", "a..example"])(
    "can't hold %s, which is no domain",
    async (text) => {
      expect((await failureOf(constrained(text))).code).toBe("HOST_NAME_INVALID");
    },
  );

  test("stay byte for byte in the certificate that succeeds it, whatever they hold", async () => {
    const before = await constrained("example.org");
    // The domain becomes a constraint on email addresses, which this server neither writes nor reads.
    const raw = Buffer.from(before.certificate.raw.toString("hex").replace("300d820b", "300d810b"), "hex");
    const foreign = { certificate: new X509Certificate(raw), key: root.key };
    const renewed = { certificate: await issue({ subject: foreign.certificate }), key: root.key };
    expect(constraintsOf(renewed)?.hex).toContain("300d810b");
    expect(constraintsOf(renewed)).toEqual(constraintsOf(foreign));
  });
});

describe("a CA with name constraints", () => {
  const issueBelow = async (hosts: string[], commonName: string) => {
    const profile = hosts.length > 0 ? profiles.serverLeaf : profiles.clientLeaf;
    const issuer = await constrained("example.org", "bücher.example");
    return await issue({ profile, issuer, names: parseHostNames(hosts), subject: { commonName } });
  };

  test.each([
    ["a domain below", ["a.example.org"], "a server"],
    ["the domain itself", ["example.org"], "a server"],
    ["a wildcard below", ["*.example.org"], "a server"],
    ["an internationalised domain", ["www.Bücher.example"], "a server"],
    ["a client without a dot", [], "alice"],
    ["a client with an email address", [], "bob.smith@example.com"],
    ["a client below the domain", [], "Bob.Example.org"],
  ])("issues for %s", async (_, hosts, commonName) => {
    expect((await issueBelow(hosts, commonName)).verify(root.certificate.publicKey)).toBe(true);
  });

  test.each([
    ["another domain", ["a.example.com"], "a server"],
    ["a domain that ends alike", ["anexample.org"], "a server"],
    ["one foreign name of several", ["a.example.org", "example.com"], "a server"],
    ["an IPv4 address", ["10.16.0.1"], "a server"],
    ["an IPv6 address", ["::1"], "a server"],
    ["a client whose name OpenSSL takes for a DNS name", [], "bob.smith"],
  ])("does not issue for %s", async (_, hosts, commonName) => {
    const error = await failureOf(issueBelow(hosts, commonName));
    expect(error.code).toBe("HOST_NAME_NOT_PERMITTED");
    expect(error.hint).toContain("permit example.org, xn--bcher-kva.example;");
  });
});

describe.skipIf(!hasOpenssl)("a CA of somebody else's that is held to networks", () => {
  const networks = ["permitted;IP:10.0.0.0/255.240.0.0", "permitted;IP:fd00:0:0:0:0:0:0:0/ff00:0:0:0:0:0:0:0"];
  const made = async () => {
    const usage = "keyUsage=critical,keyCertSign,cRLSign";
    const extensions = [usage, `nameConstraints=critical,${networks.join(",")}`];
    const ca = new OpensslCa(folder, `networks-${crypto.randomUUID()}`, { extensions });
    return { certificate: new X509Certificate(ca.cert), key: createPrivateKey(ca.key) };
  };
  const issueFor = async (host: string) =>
    await issue({ profile: profiles.serverLeaf, issuer: await made(), names: parseHostNames([host]), now: new Date() });

  test.each(["10.15.0.1", "fd12::1", "any.example"])("issues for %s", async (host) => {
    expect((await issueFor(host)).ca).toBe(false);
  });

  test.each(["10.16.0.1", "::1"])("does not issue for %s", async (host) => {
    const error = await failureOf(issueFor(host));
    expect(error.code).toBe("HOST_NAME_NOT_PERMITTED");
    expect(error.hint).toContain("permit 10.0.0.0/12, fd00::/8;");
  });
});
