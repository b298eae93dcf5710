import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { profiles } from "../../../../src/pki/issuing/profile.ts";
import {
  chainText,
  daysFromThen,
  intermediate,
  issue,
  leaf,
  namesake,
  namesakeRoot,
  otherLeaf,
  root,
  strangeRoot,
  trust,
  withChangedBit,
} from "./pair-parties.ts";
import { type WrongPair, wrong } from "./pair-table.ts";

const { raw, validFromDate, validToDate } = leaf.certificate;
const changed = (position: number) => encodePem("CERTIFICATE", withChangedBit(raw, position)) + intermediate.text;
const secondMs = 1000;

const authority = profiles.developmentRoot;
const brief = { profile: { ...authority, lifetimeDays: 10 }, at: daysFromThen(-20) };
const server = { commonName: "server", hosts: ["server.example.org"] };

/** Below an intermediate that has expired: the leaf was issued by its successor, of the same name and key. */
async function belowExpired() {
  const issuer = await issue({ commonName: "Old Root", profile: authority, at: daysFromThen(-100) });
  const old = await issue({ commonName: "Expired", issuer, ...brief });
  const successor = await issue({ commonName: "Expired", profile: authority, key: old.key });
  const party = await issue({ ...server, issuer: successor });
  return { certificate: party.text + old.text, key: party.keyText };
}

/** The same right below a root that clients trust. */
async function belowExpiredRoot() {
  const old = await issue({ commonName: "Old Root", ...brief });
  const successor = await issue({ commonName: "Old Root", profile: authority, key: old.key });
  const party = await issue({ ...server, issuer: successor });
  return {
    certificate: party.text,
    key: party.keyText,
    options: { trust: { ...trust, certificates: [old.certificate] } },
  };
}

/** Pairs whose certificates are each well-formed, and don't make a chain that clients take. */
export const wrongChains: readonly WrongPair[] = [
  wrong(
    "leaf-last",
    { certificate: intermediate.text + leaf.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "The private key in server.key belongs to certificate number 2 in server.crt, not to the first",
    "Put the server's certificate first",
  ),
  wrong(
    "intermediates-in-wrong-order",
    { certificate: leaf.text + root.text + intermediate.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 3 issued number 1 (CN=server), but number 2 (CN=Root) follows it",
    "Put the server's certificate first",
  ),
  wrong(
    "intermediate-left-out",
    { certificate: leaf.text + root.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 2 (CN=Root) did not issue number 1 (CN=server, issued by CN=Intermediate)",
    "Put the server's certificate first",
  ),
  wrong(
    "foreign-certificate-between",
    { certificate: leaf.text + strangeRoot.text + intermediate.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 3 issued number 1 (CN=server), but number 2 (CN=Strange Root) follows it, which issued none of them",
    "Take number 2 out",
  ),
  wrong(
    "foreign-certificate-alone",
    { certificate: leaf.text + strangeRoot.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 2 (CN=Strange Root) did not issue number 1 (CN=server, issued by CN=Intermediate)",
    "Put the server's certificate first",
    { row: "intermediate-left-out", because: "only the missing certificate could tell whose issuer that is" },
  ),
  wrong(
    "foreign-certificate-after",
    { certificate: chainText + strangeRoot.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 3 (CN=Strange Root) did not issue number 2 (CN=Intermediate, issued by CN=Root)",
    "Put the server's certificate first",
  ),
  wrong(
    "intermediate-of-the-same-name",
    { certificate: leaf.text + namesake.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 2 has the name of the CA that issued number 1 (CN=server), and another key",
    "Put that CA's certificate there that was in use when the one before was issued",
  ),
  wrong(
    "leaf-twice",
    { certificate: leaf.text + chainText },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 2 (CN=server) is the same as number 1",
    "Leave it there once",
  ),
  wrong(
    "intermediate-twice",
    { certificate: chainText + intermediate.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 3 (CN=Intermediate) is the same as number 2",
    "Leave it there once",
  ),
  wrong(
    "other-leaf-after",
    { certificate: leaf.text + otherLeaf.text },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, certificate number 2 (CN=server, which is no CA) did not issue number 1 (CN=server, issued by CN=Intermediate)",
    "Put the server's certificate first",
  ),
  wrong(
    "signature-changed",
    { certificate: changed(raw.length - 1) },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, the signature of number 1 (CN=server) was not made with the key of certificate number 2, which it names as its issuer",
    "One of the two is damaged, or not from that CA",
  ),
  wrong(
    "name-changed",
    { certificate: changed(raw.indexOf("server.example.org")) },
    "CERTIFICATE_CHAIN_BROKEN",
    "In server.crt, the signature of number 1 (CN=server) was not made with the key of certificate number 2, which it names as its issuer",
    "One of the two is damaged, or not from that CA",
    { row: "signature-changed", because: "a signature that does not fit tells not which side was changed" },
  ),
  wrong(
    "intermediate-missing",
    { certificate: leaf.text, options: { trust } },
    "CERTIFICATE_CHAIN_INCOMPLETE",
    "The chain in server.crt does not lead to a certificate in clients.crt: the certificate of CN=Intermediate is missing from server.crt, which holds no intermediate",
    "Append the intermediate certificates",
  ),
  wrong(
    "trust-in-another-root",
    { options: { trust: { ...trust, certificates: [strangeRoot.certificate] } } },
    "CERTIFICATE_CHAIN_INCOMPLETE",
    "The chain in server.crt does not lead to a certificate in clients.crt: the certificate of CN=Root is missing from server.crt, or that is another root than clients trust",
    "Append that certificate if it is an intermediate's",
  ),
  wrong(
    "trust-in-another-root-of-the-name",
    { options: { trust: { ...trust, certificates: [namesakeRoot.certificate] } } },
    "CERTIFICATE_CHAIN_INCOMPLETE",
    "The chain in server.crt does not lead to a certificate in clients.crt: CN=Root, which issued its last certificate, is in there with another key",
    "Name the file with the root that clients trust",
  ),
  wrong(
    "root-that-nobody-trusts",
    {
      certificate: chainText + root.text,
      options: { trust: { ...trust, certificates: [strangeRoot.certificate] } },
    },
    "CERTIFICATE_CHAIN_INCOMPLETE",
    "The chain in server.crt does not lead to a certificate in clients.crt: it ends with CN=Root, which is not in there",
    "Name the file with the root that clients trust",
  ),
  wrong(
    "trust-in-expired-root",
    await belowExpiredRoot(),
    "CERTIFICATE_EXPIRED",
    "The chain in server.crt leads to CN=Old Root in clients.crt, which expired on DATE",
    "Renew the root, and give it to the clients",
  ),
  wrong(
    "leaf-expired",
    { options: { now: new Date(validToDate.getTime() + secondMs) } },
    "CERTIFICATE_EXPIRED",
    "The certificate in server.crt expired on DATE",
    "Renew it",
  ),
  wrong(
    "leaf-not-yet-valid",
    { options: { now: new Date(validFromDate.getTime() - secondMs) } },
    "CERTIFICATE_NOT_YET_VALID",
    "The certificate in server.crt is valid only from DATE",
    "Check this machine's clock: it says DATE",
  ),
  wrong(
    "intermediate-expired",
    await belowExpired(),
    "CERTIFICATE_EXPIRED",
    "Certificate number 2 in server.crt (CN=Expired) expired on DATE",
    "Renew it",
  ),
];
