import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { CertificateError } from "../../errors.ts";
import { describeLabel, type PemBlock } from "../encoding/pem.ts";
import { bytesOf } from "../encoding/pem-damage.ts";
import { privateKeyOf } from "../files/key-file.ts";
import { describeBlocks, malformed, type PemFile, readCertificateBytes, readPemFile } from "../files/pem-file.ts";
import { type CertificateChain, describeChain } from "./certificate-chain.ts";
import { certificateBytes } from "./describe-certificate.ts";

/** A private key beside certificates: what it is, never what is in it. */
export interface FoundKey {
  /** The places of the certificates that it belongs to; undefined when that can't be told. */
  belongsTo: readonly number[] | undefined;
  /** Why it can't be told; undefined when it can. */
  unreadable: "encrypted" | "damaged" | undefined;
}

/** What a file with certificates holds. */
export interface InspectedFile {
  chain: CertificateChain;
  privateKeys: readonly FoundKey[];
  /** What else is in it, such as `a certificate request`. */
  others: readonly string[];
}

const certificateLabel = /^(X509 |TRUSTED )?CERTIFICATE$/;
const keyLabel = /PRIVATE KEY$/;

function decodeBlock(block: PemBlock, number: number, file: PemFile): Uint8Array {
  const bytes = bytesOf(block);
  const der = bytes && certificateBytes(bytes);
  if (der) return der;
  throw malformed(file, `is damaged: its certificate number ${number} can't be decoded`);
}

function describeChainOf(ders: readonly Uint8Array[], file: Pick<PemFile, "path" | "role">, now: Date) {
  try {
    return describeChain(ders, now);
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw malformed(file, `is damaged. ${cause.message}`, undefined, cause);
  }
}

function holdsKey(der: Uint8Array, publicKey: KeyObject): boolean {
  try {
    return new X509Certificate(der).publicKey.equals(publicKey);
  } catch {
    return false;
  }
}

function describeKeyBlock(block: PemBlock, file: PemFile, ders: readonly Uint8Array[]): FoundKey {
  try {
    const publicKey = createPublicKey(privateKeyOf({ ...file, blocks: [block] }));
    const places = ders.map((der, index) => (holdsKey(der, publicKey) ? index + 1 : 0));
    return { belongsTo: places.filter((place) => place > 0), unreadable: undefined };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return { belongsTo: undefined, unreadable: error.code === "KEY_ENCRYPTED" ? "encrypted" : "damaged" };
  }
}

function describeOther({ label }: PemBlock): string {
  return label === "X509 CRL" ? "a certificate revocation list" : describeLabel(label);
}

/**
 * Describes the certificates of a file: several in PEM, or one in DER.
 *
 * @throws CertificateError when it is missing, larger than 1 MiB, holds no certificate, or one that can't be decoded.
 * @throws FileError when it can't be read or is no file.
 */
export async function inspectFile(path: string, now: Date): Promise<InspectedFile> {
  const der = certificateBytes(await readCertificateBytes(path));
  if (der) return { chain: describeChainOf([der], { path, role: "certificate" }, now), privateKeys: [], others: [] };
  const file = await readPemFile(path, "certificate");
  const blocks = file.blocks.filter(({ label }) => certificateLabel.test(label));
  if (blocks.length === 0) throw malformed(file, `holds ${describeBlocks(file.blocks)}, not a certificate`);
  const ders = blocks.map((block, index) => decodeBlock(block, index + 1, file));
  const keys = file.blocks.filter(({ label }) => keyLabel.test(label));
  const others = file.blocks.filter((block) => !blocks.includes(block) && !keys.includes(block));
  return {
    chain: describeChainOf(ders, file, now),
    privateKeys: keys.map((block) => describeKeyBlock(block, file, ders)),
    others: [...new Set(others.map(describeOther))],
  };
}
