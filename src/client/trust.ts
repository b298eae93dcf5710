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

/** Where roots can come from. */
export interface RootSources {
  /** The file named by `--ca-bundle`. */
  readonly caBundle?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
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

function trust(certificates: readonly string[], source: string, named: boolean): Roots {
  return { certificates, source, named, context: createSecureContext({ ca: [...certificates] }) };
}

/**
 * Loads the roots to trust: the bundle named by `--ca-bundle`, else the one in `VIBECTL_CA_BUNDLE`, else the system's
 * store (which obeys `SSL_CERT_FILE` and `SSL_CERT_DIR`) with the public roots that come with this program.
 *
 * @throws FileError when the bundle can't be read.
 * @throws CheckError when it is empty, not PEM, or holds no certificate that can be read.
 */
export async function loadRoots({ caBundle, environment }: RootSources): Promise<Roots> {
  const path = caBundle ?? (environment.VIBECTL_CA_BUNDLE || undefined);
  if (path === undefined) return systemRoots();
  const name = caBundle === undefined ? "The CA bundle in VIBECTL_CA_BUNDLE" : "The CA bundle";
  return trust(parseBundle(await readBundle(path, name), path, name), path, true);
}

/** The system's roots with the public ones that come with this program. */
export function systemRoots(): Roots {
  const certificates = new Set([...getCACertificates("system"), ...rootCertificates]);
  return trust([...certificates], "the system's certificate store", false);
}
