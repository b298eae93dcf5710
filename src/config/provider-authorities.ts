import { X509Certificate } from "node:crypto";
import { ConfigurationError } from "../errors.ts";
import { describeFile } from "../safe-file.ts";
import { readNamedText } from "./named-text.ts";

/** The CAs of a whole system have some hundred kilobytes. */
const largestFile = 4 * 1024 * 1024;

const hint = "Put the CA's certificates into that file, in PEM (RFC 7468), one below the other.";

function readText(file: string, origin: string): Promise<string> {
  return readNamedText({
    file,
    origin,
    largest: largestFile,
    hint: "Make it readable for this user, or name another file.",
  });
}

/** Why a text holds no certificate. */
function lackOf(text: string): string {
  if (text.trim() === "") return "is empty";
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return "holds a private key and no certificate";
  if (text.includes("-----BEGIN CERTIFICATE REQUEST-----")) return "holds a request and no certificate";
  return text.includes("-----BEGIN ") ? "holds no certificate" : "holds no certificate in PEM";
}

function canBeRead(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

/**
 * Reads the CAs that are trusted for a provider.
 *
 * @param file - A file with certificates in PEM.
 * @param origin - What names it, for a person.
 * @returns The certificates alone, in PEM.
 * @throws FileError when it can't be read.
 * @throws ConfigurationError when it holds none, or one that can't be read.
 */
export async function readAuthorities(file: string, origin: string): Promise<string> {
  const text = await readText(file, origin);
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = text.split("-----BEGIN CERTIFICATE-----").length - 1;
  const refuse = (what: string) =>
    new ConfigurationError(`${origin} names ${describeFile(file)}, which ${what}`, { hint });
  if (begun === 0) throw refuse(lackOf(text));
  if (blocks.length < begun) throw refuse("holds a certificate that has no end");
  const wrong = blocks.findIndex((block) => !canBeRead(block));
  if (wrong >= 0) {
    const which = blocks.length === 1 ? "a certificate" : `${blocks.length} certificates, of which number ${wrong + 1}`;
    throw refuse(`holds ${which}${blocks.length === 1 ? " that" : ""} can't be read`);
  }
  return `${blocks.join("\n")}\n`;
}
