import { readBoundedFile, UnreadableFile } from "../bounded-file.ts";
import { ConfigurationError, FileError, systemCodeOf } from "../errors.ts";
import { systemReason } from "../safe-file.ts";

/** The most bytes that a configuration file may have. */
const maxBytes = 1024 * 1024;

function sizeError(found: string): ConfigurationError {
  return new ConfigurationError(`${found}; a configuration file may have ${maxBytes}`, {
    hint: "Is this the right file?",
  });
}

/**
 * Refuses what is too large to be loaded again.
 *
 * @param file - As it is shown.
 * @param bytes - What it would have.
 * @throws ConfigurationError with both numbers.
 */
export function requireFittingSize(file: string, bytes: number): void {
  if (bytes > maxBytes) throw sizeError(`${file} would have ${bytes} bytes`);
}

/** What the system says of a configuration file. */
export function unreadable(file: string, cause: unknown): FileError {
  const code = systemCodeOf(cause);
  const circle = code === "ELOOP" ? "its symbolic links lead in a circle" : systemReason(cause);
  const reason = code === "ENOENT" ? "does not exist" : `can't be read: ${circle}`;
  const hint =
    code === "ENOENT"
      ? "Name another file with --config, or create this one: vibectl-server init-config."
      : "Make it readable for this user, or name another file with --config.";
  return new FileError(`The configuration file ${file} ${reason}`, { hint, cause });
}

/**
 * Reads a configuration file.
 *
 * @throws FileError when it can't be read, or is no file; its cause is the system's error.
 * @throws ConfigurationError when it has more than 1 MiB.
 */
export async function readConfigurationBytes(file: string): Promise<Uint8Array> {
  try {
    return (await readBoundedFile(file, maxBytes)).bytes;
  } catch (cause) {
    if (!(cause instanceof UnreadableFile)) throw unreadable(file, cause);
    if (cause.kind === "too large") throw sizeError(`${file} has ${cause.size} bytes`);
    const what = cause.kind === "folder" ? "a folder" : "a device or a pipe";
    throw new FileError(`${file} is ${what}, not a configuration file`, { hint: "Name a YAML file.", cause });
  }
}

/** How a file begins that is text in another encoding (Unicode standard, section 23.8). */
const otherEncodings: ReadonlyArray<readonly [name: string, ...bytes: number[]]> = [
  ["UTF-32", 0xff, 0xfe, 0x00, 0x00],
  ["UTF-32", 0x00, 0x00, 0xfe, 0xff],
  ["UTF-16", 0xff, 0xfe],
  ["UTF-16", 0xfe, 0xff],
];

/** Control characters that YAML has no place for (YAML 1.2.2, section 5.1), and a carriage return by itself. */
const misplaced = /[^\P{Cc}\t\n\r\x85]|\r(?!\n)/u;

const codeOf = (text: string, at: number) => text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");

/**
 * The bytes of a configuration file as text, with its byte order mark where it has one.
 *
 * @param file - As it is shown.
 * @throws ConfigurationError when it is no text in UTF-8.
 */
export function decodeConfiguration(bytes: Uint8Array, file: string): string {
  const hint = "Save it with the encoding UTF-8.";
  const other = otherEncodings.find(([, ...mark]) => mark.every((byte, index) => bytes[index] === byte));
  if (other) throw new ConfigurationError(`${file} is ${other[0]} text, not UTF-8`, { hint });
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigurationError(`${file} is not UTF-8 text`, { hint, cause });
  }
  const at = text.search(misplaced);
  if (at < 0) return text;
  const line = text.slice(0, at).split("\n").length;
  if (text[at] === "\r") {
    const ends = "Save it with the line ends of Unix or Windows.";
    throw new ConfigurationError(`${file}:${line} has a carriage return that ends no line`, { hint: ends });
  }
  const name = text[at] === "\0" ? "a NUL character" : `the control character U+${codeOf(text, at)}`;
  throw new ConfigurationError(`${file}:${line} holds ${name}, which no text does`, { hint });
}

/**
 * Reads a configuration file's text, without its byte order mark.
 *
 * @throws FileError when it can't be read; ConfigurationError when it is no UTF-8 text or longer than 1 MiB.
 */
export async function readConfigurationText(file: string): Promise<string> {
  return decodeConfiguration(await readConfigurationBytes(file), file).replace(/^\ufeff/, "");
}
