import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConfigurationError } from "../errors.ts";
import { removeFile, temporaryName } from "../safe-file.ts";
import { isMissing } from "./named-file.ts";
import { type FileText, readSecretText } from "./secret-text.ts";

/** A secret that was replaced, and until when tokens of it are accepted. */
export interface ReplacedSecret extends FileText {
  until: Date;
}

/**
 * The file that keeps a secret which was replaced.
 *
 * @param file - The file of the secret that took its place.
 */
export function previousFileOf(file: string): string {
  return `${file}.previous`;
}

const untilLine = /^until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/;

function withoutFraction(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * Writes what readPreviousFile() reads: the secret, and on the line after it the time.
 *
 * @param until - In whole seconds.
 */
export function formatPrevious(secret: string, until: Date): string {
  return `${secret}\nuntil ${withoutFraction(until)}\n`;
}

/**
 * Reads a file that keeps a replaced secret.
 *
 * @returns Undefined when there is no such file.
 * @throws ConfigurationError naming the line that is damaged.
 * @throws FileError when it can't be read.
 */
export async function readPreviousFile(file: string): Promise<ReplacedSecret | undefined> {
  const content = await readSecretText({ file, source: undefined }).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (!content) return undefined;
  const { text, warnings } = content;
  const end = text.lastIndexOf("\n");
  const last = text.slice(end + 1);
  const time = untilLine.exec(last)?.[1];
  const line = text.split("\n").length;
  const hint = `Remove ${file}: tokens of the secret before this one then stop being accepted.`;
  if (end < 0) {
    const found = time === undefined ? "line 2 is missing, which says until when" : "line 1 is missing, the secret";
    throw new ConfigurationError(`${file} is damaged: ${found}`, { hint });
  }
  const until = new Date(time ?? Number.NaN);
  if (Number.isNaN(until.getTime()) || withoutFraction(until) !== time) {
    throw new ConfigurationError(`${file} is damaged: line ${line} is not of the form "until 2026-12-25T10:00:00Z"`, {
      hint,
    });
  }
  return { text: text.slice(0, end).trim(), until, warnings };
}

/**
 * Removes what a killed process left half-written beside a file: it holds a secret. Only who has the lock may do so.
 *
 * @param file - As previousFileOf() gave it.
 */
export async function removeTorn(file: string): Promise<void> {
  const [folder, start] = [dirname(file), `.${basename(file).slice(0, 64)}.`];
  const names = (await readdir(folder)).filter((name) => name.startsWith(start) && temporaryName.test(name));
  await Promise.all(names.map((name) => removeFile(join(folder, name))));
}
