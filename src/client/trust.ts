import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, getCACertificates, rootCertificates, type SecureContext } from "node:tls";
import { CheckError, FileError, messageOf, systemCodeOf } from "../errors.ts";

/** The authorities that a server's certificate may lead to. */
export interface Roots {
  /** PEM, one certificate each. */
  readonly certificates: readonly string[];
  /** Where they came from, to follow "is not trusted by". */
  readonly source: string;
  /** Whether they are a bundle that somebody named, and not the system's own. */
  readonly named: boolean;
  /** For handshakes, made once: with many roots that takes 10 ms. */
  readonly context: SecureContext;
}

/** What this side shows a server that asks for a certificate: PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Where roots can come from, and what goes into handshakes beside them. */
export interface RootSources {
  /** The file named by `--ca-bundle`. */
  readonly caBundle?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly certificate?: ClientCertificate | undefined;
}

const wanted =
  "Name the PEM file with the CA certificate: the server writes it as ca-bundle.crt beside its own certificate.";

async function readBundle(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FileError(`${name} ${path} does not exist`, { hint: wanted, cause });
    }
    const reasons: Record<string, string> = { EISDIR: "it is a folder", EACCES: "permission denied" };
    throw new FileError(`${name} ${path} can't be read: ${reasons[String(code)] ?? messageOf(cause)}`, {
      hint: wanted,
      cause,
    });
  }
}

function describeOther(text: string): string {
  if (text.trim() === "") return "is empty";
  const [, label] = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text) ?? [];
  if (label === undefined) return "is not PEM";
  return label === "CERTIFICATE"
    ? "is cut off: a certificate in it does not end"
    : `holds "${label}" and no certificate`;
}

/** The certificates of a bundle; text between them is no part of it (RFC 7468, section 2). */
function parseBundle(text: string, path: string, name: string): string[] {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new CheckError(`${name} ${path} ${describeOther(text)}`, { hint: wanted });
  certificates.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new CheckError(`${name} ${path} is damaged: its certificate number ${index + 1} can't be read`, {
        hint: "Fetch the file again from the server's administrator.",
        cause,
      });
    }
  });
  return certificates;
}

function trust(
  certificates: readonly string[],
  source: string,
  named: boolean,
  certificate: ClientCertificate | undefined,
): Roots {
  return { certificates, source, named, context: createSecureContext({ ca: [...certificates], ...certificate }) };
}

/**
 * Reads a client's certificate chain and its key, and makes sure that they fit.
 *
 * @throws FileError when a file can't be read; CheckError when the two can't be used together.
 */
export async function loadClientCertificate(certFile: string, keyFile: string): Promise<ClientCertificate> {
  const [cert, key] = await Promise.all([
    readBundle(certFile, "The client certificate"),
    readBundle(keyFile, "The client certificate's key"),
  ]);
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (cause) {
    const message = `The certificate in ${certFile} and the key in ${keyFile} can't be used together`;
    throw new CheckError(message, { hint: "Name the certificate chain and its unencrypted key, both in PEM.", cause });
  }
}

/**
 * Loads the roots to trust: the bundle named by `--ca-bundle`, else the one in `VIBECTL_CA_BUNDLE`, else the system's
 * store (which obeys `SSL_CERT_FILE` and `SSL_CERT_DIR`) with the public roots that come with this program.
 *
 * @throws FileError when the bundle can't be read.
 * @throws CheckError when it is empty, not PEM, or holds no certificate that can be read.
 */
export async function loadRoots({ caBundle, environment, certificate }: RootSources): Promise<Roots> {
  const path = caBundle ?? (environment.VIBECTL_CA_BUNDLE || undefined);
  if (path === undefined) return systemRoots(certificate);
  const name = caBundle === undefined ? "The CA bundle in VIBECTL_CA_BUNDLE" : "The CA bundle";
  return trust(parseBundle(await readBundle(path, name), path, name), path, true, certificate);
}

/** The system's roots with the public ones that come with this program. */
export function systemRoots(certificate?: ClientCertificate): Roots {
  const certificates = new Set([...getCACertificates("system"), ...rootCertificates]);
  return trust([...certificates], "the system's certificate store", false, certificate);
}
