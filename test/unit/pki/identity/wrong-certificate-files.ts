import { encodePem } from "../../../../src/pki/encoding/pem.ts";
import { made, madeText } from "./openssl-files.ts";
import { chainText, intermediate, leaf, withChangedBit } from "./pair-parties.ts";
import { type Alike, type Content, type WrongPair, wrong } from "./pair-table.ts";

const code = "CERTIFICATE_MALFORMED";
const begin = "-----BEGIN CERTIFICATE-----\n";
const end = "-----END CERTIFICATE-----\n";
const base64 = leaf.text.split("\n").slice(1, -2);
const der = leaf.certificate.raw;
const changed = (position: number) => encodePem("CERTIFICATE", withChangedBit(der, position));

/** Where the point of the public key begins, and where the serial number's 16 bytes do. */
const pointAt = der.indexOf(Buffer.from("03420004", "hex")) + 4;
const serialAt = der.indexOf(Buffer.from("0210", "hex"));

/** The certificate with a serial number of no bytes; what was the number is another element behind it. */
function withoutSerial(): string {
  const bytes = Buffer.from(der);
  bytes.set([0x02, 0x00, 0x04, 0x0e], serialAt);
  return encodePem("CERTIFICATE", bytes);
}

function row(name: string, certificate: Content, found: string, hint: string, alike?: Alike): WrongPair {
  return wrong(name, { certificate }, code, `The certificate file server.crt ${found}`, hint, alike);
}

/** Pairs whose certificate file does not hold what it should. */
export const wrongCertificateFiles: readonly WrongPair[] = [
  row(
    "certificate-of-random-bytes",
    Uint8Array.of(0, 255, 254, 1, 2, 128),
    "holds no PEM but binary data",
    "Name a PEM file with the server's certificate",
  ),
  row("certificate-of-other-text", "hello\n", "holds no PEM", "Name a PEM file with the server's certificate"),
  row(
    "certificate-is-web-page",
    "<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n",
    "holds no PEM but a web page",
    "Fetch the file again",
  ),
  row(
    "certificate-in-utf-16-unmarked",
    Buffer.from(chainText, "utf16le"),
    "holds PEM in UTF-16 without a byte order mark",
    "iconv -f UTF-16 -t UTF-8 server.crt",
  ),
  row(
    "certificate-in-base64-twice",
    Buffer.from(chainText).toString("base64"),
    "holds PEM that is encoded in base64 once more",
    "base64 -d server.crt",
  ),
  row(
    "certificate-on-one-line",
    chainText.replaceAll("\n", "\\n"),
    "holds PEM without its line ends",
    "Put each BEGIN and END line on a line of its own again",
  ),
  row(
    "certificate-with-dashes",
    chainText.replaceAll("-----", "—"),
    "has a BEGIN line that is none of PEM's",
    "Such a line is -----BEGIN CERTIFICATE----- or the like",
  ),
  row(
    "certificate-without-edges",
    base64.join("\n"),
    "holds a certificate without its BEGIN and END lines",
    "Put -----BEGIN CERTIFICATE----- on a line before it and -----END CERTIFICATE----- after it",
  ),
  row(
    "certificate-without-begin",
    chainText.replaceAll(begin, ""),
    "is cut off: an END line lacks its BEGIN line",
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-without-end",
    leaf.text.replace(end, ""),
    "is cut off: the BEGIN line in line N lacks its END line",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-without-first-end",
    chainText.replace(end, ""),
    "is damaged: the BEGIN line in line N lacks its END line; the next begins in line N",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-in-certificate",
    begin + chainText + end,
    "is damaged: the BEGIN line in line N lacks its END line; the next begins in line N",
    "Copy or fetch the file anew",
    { row: "certificate-without-first-end", because: "either is seen by a BEGIN line where an END line has to come" },
  ),
  row(
    "certificate-ends-as-key",
    leaf.text.replace(end, "-----END PRIVATE KEY-----\n"),
    'is damaged: line N begins "CERTIFICATE", and line N ends "PRIVATE KEY"',
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-of-nothing",
    begin + end,
    "is damaged: its certificate number 1 can't be decoded, as nothing stands between its BEGIN and END lines",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-cut-in-base64",
    `${begin}${base64.slice(0, -3).join("\n")}\n${end}`,
    "is damaged: its certificate number 1 can't be decoded, as only N of its N bytes are there",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-cut-in-character",
    `${begin}${base64.join("\n").slice(0, -2)}\n${end}`,
    "is damaged: its certificate number 1 can't be decoded, as its base64 is cut off: N characters are no multiple of 4",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-lacks-a-line",
    leaf.text.replace(`${base64[3]}\n`, ""),
    "is damaged: its certificate number 1 can't be decoded, as only N of its N bytes are there",
    "Copy or fetch the file anew",
    { row: "certificate-cut-in-base64", because: "bytes are missing, and nothing tells from where" },
  ),
  row(
    "certificate-with-other-characters",
    leaf.text.replace("MII", "M!I"),
    "is damaged: its certificate number 1 can't be decoded, as it has characters that are no base64",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-structure-changed",
    changed(5),
    "is damaged: its certificate number 1 can't be decoded",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-with-more-bytes",
    encodePem("CERTIFICATE", Buffer.concat([der, der])),
    "is damaged: its certificate number 1 can't be decoded, as N bytes follow its end",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-without-serial",
    withoutSerial(),
    "is damaged: its certificate number 1 can't be decoded",
    "Copy or fetch the file anew",
    { row: "certificate-structure-changed", because: "the runtime does not say at which byte it gave up" },
  ),
  row(
    "certificate-public-key-changed",
    changed(pointAt),
    "can't be used: the key of its certificate number 1 is damaged or of an unknown kind",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  row(
    "second-certificate-damaged",
    leaf.text + intermediate.text.replace("MII", "AAA"),
    "is damaged: its certificate number 2 can't be decoded",
    "Copy or fetch the file anew",
  ),
  row(
    "certificate-is-key",
    leaf.keyText,
    "holds a private key, not a certificate",
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-is-public-key",
    made("public.pem"),
    "holds a public key, not a certificate",
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-is-request",
    made("leaf.csr"),
    "holds a certificate request, not a certificate",
    "Have a CA sign the request",
  ),
  row(
    "certificate-is-list",
    made("list.crl"),
    "holds a certificate revocation list, not a certificate",
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-is-request-and-key",
    madeText("leaf.csr") + leaf.keyText,
    "holds a certificate request and a private key, not a certificate",
    "Have a CA sign the request",
  ),
  row(
    "certificate-is-parameters",
    made("dsa.parameters"),
    'holds "DSA PARAMETERS", not a certificate',
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-is-pkcs7",
    made("pkcs7.pem"),
    "holds a PKCS#7 bundle, not a certificate",
    "openssl pkcs7 -print_certs -in server.crt",
  ),
  row(
    "certificate-is-pkcs7-in-der",
    made("pkcs7.der"),
    "holds binary data, not PEM: a PKCS#7 bundle",
    "openssl pkcs7 -inform der -print_certs -in server.crt",
  ),
  row(
    "certificate-is-pkcs12",
    made("archive.p12"),
    "holds binary data, not PEM: a PKCS#12 archive",
    "openssl pkcs12 -in server.crt -nodes",
  ),
  row(
    "certificate-is-java-keystore",
    Buffer.from("feedfeed0000000200000000", "hex"),
    "holds a Java keystore, not PEM",
    "keytool -importkeystore -srckeystore server.crt -destkeystore NEW_FILE",
  ),
  row(
    "certificate-in-der",
    made("certificate.der"),
    "holds a certificate in DER, not in PEM",
    "openssl x509 -inform der -in server.crt",
  ),
  row(
    "certificate-is-key-in-der",
    made("pkcs8.der"),
    "holds a private key in DER, not in PEM",
    "openssl pkey -inform der -in server.crt",
  ),
  row(
    "certificate-is-public-key-in-der",
    made("public.der"),
    "holds a public key in DER",
    "Name a PEM file with the server's certificate",
  ),
  row(
    "certificate-is-list-in-der",
    Buffer.from(madeText("list.crl").replaceAll(/-.*-|\s/g, ""), "base64"),
    "holds binary data, not PEM",
    "openssl asn1parse -inform der -in server.crt",
  ),
  row(
    "certificate-trusted-by-openssl",
    made("trusted.crt"),
    'holds a "TRUSTED CERTIFICATE" of OpenSSL, which is no part of a chain',
    "openssl x509 -in server.crt",
  ),
  row(
    "second-certificate-trusted-by-openssl",
    leaf.text + madeText("trusted-ca.crt"),
    'holds a "TRUSTED CERTIFICATE" of OpenSSL, which is no part of a chain',
    "openssl x509 -in server.crt",
    { row: "certificate-trusted-by-openssl", because: "it is the same mistake with another certificate" },
  ),
  wrong(
    "swapped",
    { certificate: leaf.keyText, key: chainText },
    code,
    "The certificate file server.crt holds a private key, and the key file server.key a certificate",
    "Swap the two paths",
  ),
];
