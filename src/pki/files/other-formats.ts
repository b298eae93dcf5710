import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";

/** What was found in a file, to follow its name, and what to do; undefined for what the file's role suggests. */
export type Finding = readonly [found: string, hint?: string | undefined];

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

function isPrivateKey(bytes: Uint8Array): boolean {
  const key = Buffer.from(bytes);
  const types = ["pkcs8", "pkcs1", "sec1"] as const;
  return types.some((type) => succeeds(() => createPrivateKey({ key, format: "der", type })));
}

function isCertificate(bytes: Uint8Array): boolean {
  return succeeds(() => new X509Certificate(bytes));
}

function isPublicKey(bytes: Uint8Array): boolean {
  return succeeds(() => createPublicKey({ key: Buffer.from(bytes), format: "der", type: "spki" }));
}

/** The beginning of a SEQUENCE in hexadecimal, whatever its length (X.690, sections 8.1.3 and 8.9). */
const sequence = "30(?:[0-7].|8[0-4](?:..){0,4}?)";

/** Formats that are known by their first bytes, in hexadecimal. */
const signatures: ReadonlyArray<readonly [beginning: RegExp, found: string, hint: (path: string) => string]> = [
  [
    // PFX, version 3 (RFC 7292, section 4).
    new RegExp(`^${sequence}020103`),
    "holds binary data, not PEM: a PKCS#12 archive",
    (path) => `Convert it: openssl pkcs12 -in ${path} -nodes -out NEW_FILE`,
  ],
  [
    // ContentInfo of signedData (RFC 2315, section 14).
    new RegExp(`^${sequence}06092a864886f70d010702`),
    "holds binary data, not PEM: a PKCS#7 bundle",
    (path) => `Convert it: openssl pkcs7 -inform der -print_certs -in ${path} -out NEW_FILE`,
  ],
  [
    // EncryptedPrivateKeyInfo by PKCS#5 or PKCS#12 (RFC 5958, section 3).
    new RegExp(`^${sequence}${sequence}06(?:092a864886f70d0105|0a2a864886f70d010c01)`),
    "holds an encrypted private key in DER, not in PEM",
    (path) => `Convert it: openssl pkcs8 -inform der -in ${path} -topk8 -out NEW_FILE`,
  ],
  [
    /^feedfeed/,
    "holds a Java keystore, not PEM",
    (path) => `Convert it by keytool -importkeystore -srckeystore ${path} -destkeystore NEW_FILE -deststoretype pkcs12`,
  ],
];

/** Undefined for what is no DER. */
function describeBinary(bytes: Uint8Array, path: string): Finding | undefined {
  if (isCertificate(bytes)) {
    return ["holds a certificate in DER, not in PEM", `Convert it: openssl x509 -inform der -in ${path} -out NEW_FILE`];
  }
  if (isPrivateKey(bytes)) {
    return ["holds a private key in DER, not in PEM", `Convert it: openssl pkey -inform der -in ${path} -out NEW_FILE`];
  }
  if (isPublicKey(bytes)) return ["holds a public key in DER"];
  const beginning = Buffer.from(bytes.subarray(0, 32)).toString("hex");
  const [, found, hint] = signatures.find(([signature]) => signature.test(beginning)) ?? [];
  if (found !== undefined) return [found, hint?.(path)];
  return /^30(?:[89]|[0-7].0[2346])/.test(beginning)
    ? ["holds binary data, not PEM", `See what it is: openssl asn1parse -inform der -in ${path}`]
    : undefined;
}

/** Base64 that stands alone, without the lines around it. */
function describeBareBase64(text: string): Finding | undefined {
  const base64 = text.replaceAll(/\s/g, "");
  if (!/^M[A-Za-z0-9+/]{40,}={0,2}$/.test(base64)) return undefined;
  const der = Buffer.from(base64, "base64");
  const hint = (label: string) =>
    `Put -----BEGIN ${label}----- on a line before it and -----END ${label}----- after it.`;
  if (isCertificate(der)) return ["holds a certificate without its BEGIN and END lines", hint("CERTIFICATE")];
  if (isPrivateKey(der)) return ["holds a private key without its BEGIN and END lines", hint("PRIVATE KEY")];
  return undefined;
}

const edgeHint =
  "Such a line is -----BEGIN CERTIFICATE----- or the like: five hyphens on either side, and nothing else.";

/** What spoils a text so that no block is found in it, the plainest first. */
const spoiled: ReadonlyArray<readonly [text: RegExp, found: string, hint: (path: string) => string | undefined]> = [
  [
    /^\s*<(?:!doctype|html|head|\?xml)/i,
    "holds no PEM but a web page",
    (path) => `Fetch the file again, and look at ${path} for what the server said instead.`,
  ],
  [
    // "-----BEGIN " in base64.
    /^\s*LS0tLS1CRUdJTi/,
    "holds PEM that is encoded in base64 once more",
    (path) => `Decode it: base64 -d ${path} > NEW_FILE`,
  ],
  [
    /-----BEGIN [^-\n]+-----[^\S\n]*[^\s]/,
    "holds PEM without its line ends",
    () => "Put each BEGIN and END line on a line of its own again, where a \\n or a blank stands now.",
  ],
  [/-----END [^-\n]+-----/, "is cut off: an END line lacks its BEGIN line", () => undefined],
  [/[-–—]\s?BEGIN /, "has a BEGIN line that is none of PEM's", () => edgeHint],
];

/** UTF-16 of either byte order. */
function isWideText(bytes: Uint8Array): boolean {
  const content = Buffer.from(bytes);
  return content.includes(Buffer.from("-----BEGIN ", "utf16le"));
}

/**
 * Names what a file without PEM blocks holds, with the way to PEM where there is one.
 *
 * @param bytes - What is in the file.
 * @param text - The same as text.
 * @param path - The file, for the hint.
 */
export function describeOtherFormat(bytes: Uint8Array, text: string, path: string): Finding {
  const known = describeBinary(bytes, path) ?? describeBareBase64(text);
  if (known) return known;
  if (isWideText(bytes)) {
    return ["holds PEM in UTF-16 without a byte order mark", `Convert it: iconv -f UTF-16 -t UTF-8 ${path} > NEW_FILE`];
  }
  const [, found, hint] = spoiled.find(([pattern]) => pattern.test(text)) ?? [];
  if (found !== undefined) return [found, hint?.(path)];
  return text.includes("\0") || text.includes("\ufffd") ? ["holds no PEM but binary data"] : ["holds no PEM"];
}
