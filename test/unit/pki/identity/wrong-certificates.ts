import { profiles } from "../../../../src/pki/issuing/profile.ts";
import { made, madeText } from "./openssl-files.ts";
import { chainBelow, chainOf, issue, root } from "./pair-parties.ts";
import { type WrongPair, wrong } from "./pair-table.ts";

const authority = profiles.developmentRoot;
const own = await issue({ commonName: "A CA", profile: authority, issuer: root });

/** A leaf below two CAs, of which the upper one allows for none between. */
async function belowTooMany() {
  const profile = { ...authority, authority: { pathLength: 0 } };
  const deep = await issue({ commonName: "Deep", profile, issuer: root });
  const deeper = await issue({ commonName: "Deeper", profile, issuer: deep });
  const { certificate, key } = await chainOf({}, deeper);
  return { certificate: certificate + deep.text, key };
}

/** A pair of its own kind that openssl made. */
const kind = (name: string) => ({ certificate: made(`${name}.crt`), key: made(`${name}.key`) });

/** Pairs with a certificate that is not for servers, not for the host, or of a kind that clients refuse. */
export const wrongCertificates: readonly WrongPair[] = [
  wrong(
    "leaf-for-clients",
    await chainOf({ profile: { ...profiles.serverLeaf, extendedKeyUsage: ["clientAuth"] } }),
    "CERTIFICATE_PURPOSE_WRONG",
    "The certificate in server.crt is not for servers: its extendedKeyUsage lacks serverAuth",
    "Have a certificate made for a server",
  ),
  wrong(
    "leaf-is-ca",
    { certificate: own.text, key: own.keyText },
    "CERTIFICATE_PURPOSE_WRONG",
    "The first certificate in server.crt is a CA's (CN=A CA), not a server's",
    "Have a certificate made for a server",
  ),
  wrong(
    "leaf-is-root",
    { certificate: root.text, key: root.keyText },
    "CERTIFICATE_PURPOSE_WRONG",
    "The key of the CA's certificate in server.crt may not sign handshakes: its keyUsage lacks digitalSignature",
    "Have a certificate made for a server",
  ),
  wrong(
    "leaf-may-not-sign",
    { certificate: made("usage.crt") },
    "CERTIFICATE_PURPOSE_WRONG",
    "The key of the certificate in server.crt may not sign handshakes: its keyUsage lacks digitalSignature",
    "Have a certificate made for a server",
  ),
  wrong(
    "leaf-usage-damaged",
    { certificate: made("broken-usage.crt") },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is damaged: in its certificate number 1, the extension keyUsage can't be decoded",
    "Fetch it anew, or have it issued anew",
  ),
  wrong(
    "leaf-names-damaged",
    { certificate: made("broken-names.crt") },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is damaged: in its certificate number 1, the extension subjectAltName can't be decoded",
    "Fetch it anew, or have it issued anew",
  ),
  wrong(
    "intermediate-names-damaged",
    { certificate: madeText("below-ca.crt") + madeText("ca-broken-names.crt") },
    "CERTIFICATE_MALFORMED",
    "The certificate file server.crt is damaged: in its certificate number 2, the extension subjectAltName can't be decoded",
    "Fetch it anew, or have it issued anew",
  ),
  wrong(
    "intermediate-is-no-ca",
    await chainBelow({ profile: profiles.serverLeaf }),
    "CERTIFICATE_PURPOSE_WRONG",
    "Certificate number 2 in server.crt (CN=Special) is no CA's, and so can't have issued the one before",
    "Have the CA's certificate issued anew, by who runs it",
  ),
  wrong(
    "intermediate-may-not-issue",
    await chainBelow({ profile: { ...authority, keyUsage: ["cRLSign"] } }),
    "CERTIFICATE_PURPOSE_WRONG",
    "Certificate number 2 in server.crt (CN=Special) may not issue certificates: its keyUsage lacks keyCertSign",
    "Have the CA's certificate issued anew, by who runs it",
  ),
  wrong(
    "intermediate-for-clients",
    await chainBelow({ profile: { ...authority, extendedKeyUsage: ["clientAuth"] } }),
    "CERTIFICATE_PURPOSE_WRONG",
    "Certificate number 2 in server.crt (CN=Special) may not issue certificates for servers: its extendedKeyUsage lacks serverAuth",
    "Have the CA's certificate issued anew, by who runs it",
  ),
  wrong(
    "intermediate-for-other-names",
    { certificate: madeText("below-ca.crt") + madeText("ca-names.crt") },
    "HOST_NAME_NOT_PERMITTED",
    "Certificate number 2 in server.crt (CN=Odd CA) constrains the names below it. The CA may not issue for server.example.org",
    "Its name constraints permit example.net",
  ),
  wrong(
    "leaf-with-unknown-critical-extension",
    { certificate: made("critical.crt") },
    "CERTIFICATE_PURPOSE_WRONG",
    "The certificate in server.crt has the critical extension 1.2.3.4, which clients don't know",
    "Have it issued without that extension",
  ),
  wrong(
    "path-too-long",
    await belowTooMany(),
    "CERTIFICATE_PURPOSE_WRONG",
    "Certificate number 3 in server.crt (CN=Deep) allows 0 CAs between itself and a server's certificate, and there are 1",
    "Have the certificate issued by a CA that is nearer to the root",
  ),
  wrong(
    "rsa-1024",
    kind("rsa1024"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind RSA 1024, which clients may refuse",
    "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits",
  ),
  wrong(
    "ed25519",
    kind("ed25519"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ed25519, which clients may refuse",
    "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits",
  ),
  wrong(
    "ed448",
    kind("ed448"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind Ed448, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "p-521",
    kind("p521"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ECDSA P-521, which clients may refuse",
    "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits",
  ),
  wrong(
    "p-224",
    kind("p224"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ECDSA secp224r1, which clients may refuse",
    "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits",
  ),
  wrong(
    "secp256k1",
    kind("secp256k1"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ECDSA secp256k1, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "brainpool",
    kind("brainpool"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ECDSA brainpoolP256r1, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "explicit-curve",
    kind("explicit"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind ECDSA on a curve without a name, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "rsa-pss",
    kind("rsa-pss"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind RSA-PSS 2048 bits, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "dsa",
    kind("dsa"),
    "KEY_UNSUPPORTED",
    "The certificate in server.crt has a key of the kind dsa, which clients may refuse",
    "Use ECDSA on P-256 or P-384, or RSA with at least 2048 bits",
  ),
  wrong(
    "sha-1",
    { certificate: made("sha1.crt") },
    "CERTIFICATE_WEAK",
    "The certificate in server.crt is signed with ecdsa-with-SHA1, which is broken",
    "Have it issued anew, signed with SHA-256",
  ),
  wrong(
    "md5",
    { certificate: made("md5.crt") },
    "CERTIFICATE_WEAK",
    "The certificate in server.crt is signed with md5WithRSAEncryption, which is broken",
    "Have it issued anew, signed with SHA-256",
  ),
  wrong(
    "intermediate-sha-1",
    { certificate: madeText("below-ca.crt") + madeText("ca-sha1.crt") },
    "CERTIFICATE_WEAK",
    "Certificate number 2 in server.crt (CN=Odd CA) is signed with ecdsa-with-SHA1, which is broken",
    "Have it issued anew, signed with SHA-256",
  ),
  wrong(
    "host-not-covered",
    { options: { hosts: ["other.example.org"] } },
    "CERTIFICATE_HOST_MISMATCH",
    "The certificate in server.crt is for server.example.org, *.wild.example.org, 10.0.0.1, not for other.example.org",
    "Have a certificate made that names every host that clients dial",
  ),
  wrong(
    "host-below-wildcard",
    { options: { hosts: ["a.b.wild.example.org"] } },
    "CERTIFICATE_HOST_MISMATCH",
    "The certificate in server.crt is for server.example.org, *.wild.example.org, 10.0.0.1, not for a.b.wild.example.org: *.wild.example.org stands for exactly one label",
    "Have a certificate made that names every host that clients dial",
  ),
  wrong(
    "host-is-base-of-wildcard",
    { options: { hosts: ["wild.example.org"] } },
    "CERTIFICATE_HOST_MISMATCH",
    "The certificate in server.crt is for server.example.org, *.wild.example.org, 10.0.0.1, not for wild.example.org: *.wild.example.org stands for exactly one label",
    "Have a certificate made that names every host that clients dial",
    { row: "host-below-wildcard", because: "both have another number of labels than the wildcard stands for" },
  ),
  wrong(
    "host-is-address-as-name",
    { certificate: made("address.crt"), options: { hosts: ["10.0.0.1"] } },
    "CERTIFICATE_HOST_MISMATCH",
    "The certificate in server.crt is for 10.0.0.1, not for the address 10.0.0.1: it is there as a DNS name, which clients pass over",
    "Have a certificate made that names every host that clients dial",
  ),
  wrong(
    "host-and-no-names",
    { certificate: made("nameless.crt"), options: { hosts: ["odd"] } },
    "CERTIFICATE_HOST_MISMATCH",
    "The certificate in server.crt is for no host, not for odd: it has no subject alternative name, and clients pass over its common name",
    "Have a certificate made that names every host that clients dial",
  ),
];
