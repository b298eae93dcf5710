import { timingSafeEqual } from "node:crypto";
import { basename, dirname } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { withFolderLock } from "../file-lock.ts";
import { removeFile, writeFileAtomically } from "../safe-file.ts";
import { type HmacAlgorithm, leastSecretBytes } from "./algorithms.ts";
import { lastSecond } from "./claims.ts";
import { isMissing, type NamedFile } from "./named-file.ts";
import {
  formatPrevious,
  previousFileOf,
  type ReplacedSecret,
  readPreviousFile,
  removeTorn,
} from "./previous-secret.ts";
import { type FileText, isLongEnough, readSecretText, secretBytes } from "./secret-text.ts";

/** A secret that was replaced by another. */
export interface PreviousSecret {
  bytes: Uint8Array;
  /** Where it came from, for a person. */
  source: string;
  /** Until when its tokens are accepted; undefined: as long as it is configured. */
  until: Date | undefined;
}

/** The secret that signs and checks tokens. */
export interface Secret {
  bytes: Uint8Array;
  /** Where it came from, for a person. */
  source: string;
  /** The file that it lies in, if any. */
  file: string | undefined;
  /** The one before, while tokens of it are accepted. */
  previous: PreviousSecret | undefined;
  /** What the operator should know, each a sentence. */
  warnings: readonly string[];
}

/** A secret that is given directly. */
export interface SecretValue {
  text: string;
  /** What gives it, for a person: `VIBECTL_JWT_SECRET`. */
  source: string;
}

/** Where to look for the secret. */
export interface SecretOptions {
  /** Goes before the file. */
  key?: SecretValue | undefined;
  /** Goes before the generated one. */
  keyFile?: NamedFile | undefined;
  /** The secret before this one, which is then accepted without end. */
  previousKey?: SecretValue | undefined;
  previousKeyFile?: NamedFile | undefined;
  algorithm: HmacAlgorithm;
  /** The file that a generated secret is kept in. */
  generatedFile: string;
  now: Date;
  /**
   * Writes a new secret to a file that only its owner can read, unless the file exists.
   *
   * @returns Whether it was written.
   */
  save(file: string, text: string): Promise<boolean>;
}

interface Found extends FileText {
  source: string;
  file: string | undefined;
}

/** Makes a new secret: 64 random bytes, as many as any algorithm needs, in base64url. */
export function generateSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(leastSecretBytes.HS512))).toString("base64url");
}

async function readGenerated({ generatedFile: file, save }: SecretOptions): Promise<FileText> {
  const named = { file, source: undefined };
  try {
    return await readSecretText(named);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const text = generateSecret();
  if (await save(file, `${text}\n`)) return { text, warnings: [] };
  // Another process was faster: both have to use one.
  return await readSecretText(named);
}

async function find(options: SecretOptions): Promise<Found> {
  const { key, keyFile, generatedFile } = options;
  if (key) return { ...key, file: undefined, warnings: [] };
  if (keyFile) return { ...(await readSecretText(keyFile)), source: keyFile.file, file: keyFile.file };
  return { ...(await readGenerated(options)), source: generatedFile, file: generatedFile };
}

async function configuredPrevious({ previousKey, previousKeyFile }: SecretOptions): Promise<Found | undefined> {
  if (previousKey) return { ...previousKey, file: undefined, warnings: [] };
  if (!previousKeyFile) return undefined;
  return { ...(await readSecretText(previousKeyFile)), source: previousKeyFile.file, file: previousKeyFile.file };
}

function alive(replaced: ReplacedSecret | undefined, current: string, now: Date): ReplacedSecret | undefined {
  if (!replaced || replaced.until.getTime() <= now.getTime()) return undefined;
  // A rotation that was cut short leaves the secret itself as the one before.
  const [a, b] = [Buffer.from(replaced.text), Buffer.from(current)];
  return a.length === b.length && timingSafeEqual(a, b) ? undefined : replaced;
}

type Previous = Pick<Secret, "previous" | "warnings">;

async function findPrevious(options: SecretOptions, current: Found): Promise<Previous> {
  const { algorithm, now } = options;
  const file = current.file === undefined ? undefined : previousFileOf(current.file);
  // Read after the secret: a rotation writes this file first, so that one of the two always is what signed a token.
  const replaced = file === undefined ? undefined : alive(await readPreviousFile(file), current.text, now);
  const configured = await configuredPrevious(options);
  if (configured) {
    const bytes = secretBytes(configured.text, configured.source, algorithm);
    const unused = replaced ? [`${file} is not looked at, because ${configured.source} is the previous secret`] : [];
    return {
      previous: { bytes, source: configured.source, until: undefined },
      warnings: [...configured.warnings, ...unused],
    };
  }
  if (!replaced || file === undefined) return { previous: undefined, warnings: [] };
  if (!isLongEnough(replaced.text, algorithm)) {
    return { previous: undefined, warnings: [`The secret in ${file} is too short for ${algorithm}, and not used`] };
  }
  const bytes = secretBytes(replaced.text, file, algorithm);
  return { previous: { bytes, source: file, until: replaced.until }, warnings: replaced.warnings };
}

/**
 * Finds the secret that signs and checks tokens; makes and keeps one when there is none.
 *
 * @throws ConfigurationError when a secret is shorter than its algorithm needs, or the file of the one before is damaged.
 * @throws FileError when a file that should hold one can't be read or written.
 */
export async function resolveSecret(options: SecretOptions): Promise<Secret> {
  const found = await find(options);
  const bytes = secretBytes(found.text, found.source, options.algorithm);
  const { previous, warnings } = await findPrevious(options, found);
  return { bytes, source: found.source, file: found.file, previous, warnings: [...found.warnings, ...warnings] };
}

/** Which secret to replace, and for how long the old one goes on. */
export interface RotationOptions {
  /** The file that it lies in. */
  file: string;
  algorithm: HmacAlgorithm;
  /** Seconds for which tokens of the old secret are accepted; 0: not at all. */
  overlapSeconds: number;
  now: Date;
}

/** What a rotation left. */
export interface Rotation {
  /** The file that keeps the old secret. */
  previousFile: string | undefined;
  /** Until when tokens of the old secret are accepted. */
  until: Date | undefined;
  /** Until when tokens of the secret before the old one would have been: there is room for one only. */
  dropped: Date | undefined;
}

async function replace({ file, algorithm, overlapSeconds, now }: RotationOptions): Promise<Rotation> {
  const { text } = await readSecretText({ file, source: undefined });
  const previousFile = previousFileOf(file);
  const dropped = alive(await readPreviousFile(previousFile), text, now)?.until;
  const end = Math.ceil(now.getTime() / 1000) + overlapSeconds;
  if (!Number.isSafeInteger(end) || overlapSeconds < 0 || end > lastSecond) {
    throw new ConfigurationError(`${overlapSeconds} seconds can't be the overlap of two secrets`, {
      hint: "Use a whole number of seconds that ends before the year 10000.",
    });
  }
  const until = new Date(end * 1000);
  await removeTorn(previousFile);
  // Nothing is valid by a secret that is too short.
  const keep = overlapSeconds > 0 && isLongEnough(text, algorithm);
  // A process that is killed between the two leaves a secret that is kept twice, which is no harm.
  if (keep) await writeFileAtomically(previousFile, formatPrevious(text, until), { mode: 0o600, clobber: true });
  else await removeFile(previousFile);
  await writeFileAtomically(file, `${generateSecret()}\n`, { mode: 0o600, clobber: true });
  return keep ? { previousFile, until, dropped } : { previousFile: undefined, until: undefined, dropped };
}

/**
 * Replaces a secret by a new one, and keeps the old one beside it for a while. Whenever the process is killed, every token
 * that should be valid is.
 *
 * @throws FileError when the secret can't be read or written, or another process is writing in its folder.
 * @throws ConfigurationError when the overlap can't be, or the file of the secret before is damaged.
 */
export async function rotateSecret(options: RotationOptions): Promise<Rotation> {
  const lock = { directory: dirname(options.file), file: basename(options.file) };
  return await withFolderLock(lock, async () => await replace(options));
}
