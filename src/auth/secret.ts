import { readFile } from "node:fs/promises";
import { ConfigurationError, FileError, systemCodeOf } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";

/** The algorithms that sign with a shared secret (RFC 7518, section 3.2). */
export type HmacAlgorithm = "HS256" | "HS384" | "HS512";

/** The secret that signs tokens. */
export interface Secret {
  bytes: Uint8Array;
  /** Where it came from, for a person. */
  source: string;
  /** What the operator should know, each a sentence. */
  warnings: readonly string[];
}

/** Where to look for the secret. */
export interface SecretOptions {
  environment: Readonly<Record<string, string | undefined>>;
  /** `jwt.secret_key`. */
  key?: string | null | undefined;
  /** `jwt.secret_key_file`. */
  keyFile?: string | null | undefined;
  algorithm: HmacAlgorithm;
  /** The file that a generated secret is kept in. */
  generatedFile: string;
  /**
   * Writes a new secret to a file that only its owner can read, unless the file exists.
   *
   * @returns Whether it was written.
   */
  save(file: string, text: string): Promise<boolean>;
}

const currentName = "VIBECTL_JWT_SECRET";
const oldName = "VIBECTL_JWT_SECRET_KEY";

/** Least bytes of a secret: as many as the hash has (RFC 7518, section 3.2). */
const leastBytes: Record<HmacAlgorithm, number> = { HS256: 32, HS384: 48, HS512: 64 };

async function readSecretFile(file: string, name: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new FileError(`${name} names ${describeFile(file)}, which can't be read: ${systemReason(cause)}`, {
      hint: `Put the secret into a file that this user can read, and its path into ${name}.`,
      cause,
    });
  });
  return text.trim();
}

type Found = [text: string, source: string, warnings: string[]];

function fromEnvironment(environment: SecretOptions["environment"]): Found | undefined {
  const current = environment[currentName];
  const old = environment[oldName];
  if (current && old && current !== old) {
    throw new ConfigurationError(`${currentName} and ${oldName} are both set, and they differ`, {
      hint: `Unset ${oldName}: it is the old name of ${currentName}.`,
    });
  }
  if (current) return [current, currentName, []];
  return old ? [old, oldName, [`${oldName} is deprecated; the variable's name is ${currentName}`]] : undefined;
}

async function generate(options: SecretOptions): Promise<string> {
  const text = Buffer.from(crypto.getRandomValues(new Uint8Array(leastBytes.HS512))).toString("base64url");
  if (await options.save(options.generatedFile, `${text}\n`)) return text;
  return await readSecretFile(options.generatedFile, "The generated secret");
}

async function readGenerated(options: SecretOptions): Promise<string> {
  const existing = await readFile(options.generatedFile, "utf8").catch((cause) => {
    if (systemCodeOf(cause) === "ENOENT") return undefined;
    throw new FileError(`The secret in ${options.generatedFile} can't be read: ${systemReason(cause)}`, {
      hint: "Make the file readable for this user.",
      cause,
    });
  });
  return existing === undefined ? await generate(options) : existing.trim();
}

async function find(options: SecretOptions): Promise<Found> {
  const { environment } = options;
  const direct = fromEnvironment(environment);
  if (direct) return direct;
  const variable = `${currentName}_FILE`;
  const file = environment[variable];
  if (file) return [await readSecretFile(file, variable), file, []];
  if (options.key) return [options.key, "jwt.secret_key", []];
  if (options.keyFile) return [await readSecretFile(options.keyFile, "jwt.secret_key_file"), options.keyFile, []];
  return [await readGenerated(options), options.generatedFile, []];
}

/**
 * Finds the secret that signs and checks tokens; makes and keeps one when there is none.
 *
 * @throws ConfigurationError when the secret is shorter than its algorithm needs, or two names of it differ.
 * @throws FileError when a file that should hold it can't be read or written.
 */
export async function resolveSecret(options: SecretOptions): Promise<Secret> {
  const [text, source, warnings] = await find(options);
  const bytes = new TextEncoder().encode(text);
  const least = leastBytes[options.algorithm];
  if (bytes.length < least) {
    throw new ConfigurationError(
      `The secret from ${source} has ${bytes.length} bytes; ${options.algorithm} needs at least ${least} (RFC 7518, section 3.2)`,
      { hint: "Make one with `openssl rand -base64 48`." },
    );
  }
  return { bytes, source, warnings };
}
