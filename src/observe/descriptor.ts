import { writeSync } from "node:fs";
import { systemCodeOf } from "../errors.ts";

/**
 * Writes text to an open file at once. A full pipe is waited for.
 *
 * @param descriptor - 1 for stdout, 2 for stderr.
 * @returns The system's name of what went wrong, such as `EPIPE` or `ENOSPC`; undefined when all was written.
 */
export function writeToDescriptor(descriptor: number, text: string): string | undefined {
  const bytes = Buffer.from(text);
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const code = systemCodeOf(error) ?? "unknown";
      if (code !== "EAGAIN") return code;
      Bun.sleepSync(1);
    }
  }
  return undefined;
}
