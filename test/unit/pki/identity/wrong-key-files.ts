import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { made } from "./openssl-files.ts";
import { chainText, leaf, otherLeaf, withChangedBit } from "./pair-parties.ts";
import { type Alike, type Content, type WrongPair, wrong } from "./pair-table.ts";

const begin = "-----BEGIN PRIVATE KEY-----\n";
const end = "-----END PRIVATE KEY-----\n";
const base64 = leaf.keyText.split("\n").slice(1, -2);
const der = leaf.key.export({ type: "pkcs8", format: "der" });

/** Begins as ssh-keygen writes one. */
const sshKey = encodePem("OPENSSH PRIVATE KEY", Buffer.from("openssh-key-v1\0\0\0\0\u0004none", "latin1"));

function row(name: string, key: Content, found: string, hint: string, alike?: Alike): WrongPair {
  return wrong(name, { key }, "KEY_MALFORMED", `The private key file server.key ${found}`, hint, alike);
}

/** Pairs whose key file does not hold what it should. */
export const wrongKeyFiles: readonly WrongPair[] = [
  row(
    "key-of-random-bytes",
    Uint8Array.of(0, 255, 254, 1, 2, 128),
    "holds no PEM but binary data",
    "Name a PEM file with the private key",
  ),
  row("key-of-other-text", "secret\n", "holds no PEM", "Name a PEM file with the private key"),
  row(
    "key-is-web-page",
    "<html><title>Sign in</title></html>\n",
    "holds no PEM but a web page",
    "Fetch the file again",
  ),
  row(
    "key-in-base64-twice",
    Buffer.from(leaf.keyText).toString("base64"),
    "holds PEM that is encoded in base64 once more",
    "base64 -d server.key",
  ),
  row(
    "key-on-one-line",
    leaf.keyText.replaceAll("\n", " "),
    "holds PEM without its line ends",
    "Put each BEGIN and END line on a line of its own again",
  ),
  row(
    "key-without-edges",
    base64.join(""),
    "holds a private key without its BEGIN and END lines",
    "Put -----BEGIN PRIVATE KEY----- on a line before it and -----END PRIVATE KEY----- after it",
  ),
  row(
    "key-without-end",
    leaf.keyText.replace(end, ""),
    "is cut off: the BEGIN line in line N lacks its END line",
    "Copy or fetch the file anew",
  ),
  row(
    "key-ends-as-other-kind",
    leaf.keyText.replace(end, "-----END RSA PRIVATE KEY-----\n"),
    'is damaged: line N begins "PRIVATE KEY", and line N ends "RSA PRIVATE KEY"',
    "Copy or fetch the file anew",
  ),
  row(
    "key-in-key",
    begin + leaf.keyText + end,
    "is damaged: the BEGIN line in line N lacks its END line; the next begins in line N",
    "Copy or fetch the file anew",
  ),
  row(
    "key-of-nothing",
    begin + end,
    "is damaged: its private key can't be decoded, as nothing stands between its BEGIN and END lines",
    "Copy or fetch the file anew",
  ),
  row(
    "key-cut-in-base64",
    `${begin}${base64.slice(0, -1).join("\n")}\n${end}`,
    "is damaged: its private key can't be decoded, as only N of its N bytes are there",
    "Copy or fetch the file anew",
  ),
  row(
    "key-cut-in-character",
    `${begin}${base64.join("\n").slice(0, -3)}\n${end}`,
    "is damaged: its private key can't be decoded, as its base64 is cut off: N characters are no multiple of 4",
    "Copy or fetch the file anew",
  ),
  row(
    "key-with-other-characters",
    leaf.keyText.replace(/\nM/, "\n*"),
    "is damaged: its private key can't be decoded, as it has characters that are no base64",
    "Copy or fetch the file anew",
  ),
  row(
    "key-changed",
    encodePem("PRIVATE KEY", withChangedBit(der, 40)),
    "can't be used: its private key is damaged or of an unknown kind",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  row(
    "key-labelled-pkcs8-is-sec1",
    encodePem("PRIVATE KEY", leaf.key.export({ type: "sec1", format: "der" })),
    'can\'t be used: its private key is none of the kind "PRIVATE KEY"',
    "Write EC PRIVATE KEY instead into its BEGIN and END lines",
  ),
  row(
    "key-labelled-rsa-is-ec",
    leaf.keyText.replaceAll("PRIVATE", "RSA PRIVATE"),
    'can\'t be used: its private key is none of the kind "RSA PRIVATE KEY"',
    "Write PRIVATE KEY instead into its BEGIN and END lines",
  ),
  row(
    "key-labelled-otherwise",
    leaf.keyText.replaceAll("PRIVATE", "ANY PRIVATE"),
    'can\'t be used: its private key is none of the kind "ANY PRIVATE KEY"',
    "Write PRIVATE KEY instead into its BEGIN and END lines",
  ),
  row(
    "key-is-certificate",
    chainText,
    "holds a certificate, not a private key",
    "Name a PEM file with the private key",
  ),
  row(
    "key-is-public-key",
    made("public.pem"),
    "holds a public key, not a private key",
    "Name a PEM file with the private key",
  ),
  row(
    "key-is-request",
    made("leaf.csr"),
    "holds a certificate request, not a private key",
    "Name a PEM file with the private key",
  ),
  row(
    "key-is-parameters",
    encodePem("EC PARAMETERS", Buffer.from("06082a8648ce3d030107", "hex")),
    'holds "EC PARAMETERS", not a private key',
    "Name a PEM file with the private key",
  ),
  row("key-is-for-ssh", sshKey, "holds a key for SSH, not for TLS", "Copy or fetch the file anew"),
  row(
    "key-beside-another",
    leaf.keyText + otherLeaf.keyText,
    "holds 2 private keys; which one is meant?",
    "Leave only the key of the server's certificate in it",
  ),
  row(
    "key-in-der-as-pkcs8",
    made("pkcs8.der"),
    "holds a private key in DER, not in PEM",
    "openssl pkey -inform der -in server.key",
  ),
  row(
    "key-in-der-as-pkcs1",
    made("pkcs1.der"),
    "holds a private key in DER, not in PEM",
    "openssl pkey -inform der -in server.key",
    { row: "key-in-der-as-pkcs8", because: "the same command converts it" },
  ),
  row(
    "key-in-der-as-sec1",
    made("sec1.der"),
    "holds a private key in DER, not in PEM",
    "openssl pkey -inform der -in server.key",
    { row: "key-in-der-as-pkcs8", because: "the same command converts it" },
  ),
  row(
    "key-in-der-and-encrypted",
    made("aes.der"),
    "holds an encrypted private key in DER, not in PEM",
    "openssl pkcs8 -inform der -in server.key -topk8",
  ),
  row(
    "key-is-pkcs12",
    made("archive.p12"),
    "holds binary data, not PEM: a PKCS#12 archive",
    "openssl pkcs12 -in server.key -nodes",
  ),
  row(
    "key-is-certificate-in-der",
    made("certificate.der"),
    "holds a certificate in DER, not in PEM",
    "openssl x509 -inform der -in server.key",
  ),
];
