import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { ArgsDef } from "citty";
import { parseServerUrl } from "../../client/server-url.ts";
import { FileError, UsageError } from "../../errors.ts";
import { describeFile, systemReason } from "../../safe-file.ts";
import type { Suggesting } from "../invoke.ts";

/** Where a command reads a token from. */
export const tokenFileArg = {
  file: {
    type: "positional",
    required: false,
    description: "File that holds the token, or the URL with it; - or nothing for stdin",
    suggest: "file",
  },
} satisfies ArgsDef & Record<string, Suggesting>;

/** Standard input, of which it matters whether somebody sits before it. */
export type Input = Readable & { isTTY?: boolean };

const mostBytes = 64 * 1024;
const clientUrl = /^vibectl-server(-insecure)?:\/\//i;

/** Whether a word of the command line is a secret that belongs into a file. */
export function looksLikeToken(word: string): boolean {
  return /^(bearer\s+)?eyJ[\w-]*(\.|$)/i.test(word) || clientUrl.test(word);
}

/** Refuses a token where a name is meant. It is not repeated. */
export function refuseToken(word: string, hint: string): void {
  if (!looksLikeToken(word)) return;
  throw new UsageError("A token is not taken from the command line, which every user of this machine can read", {
    hint,
  });
}

async function readBounded(stream: Input, source: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > mostBytes) {
      throw new FileError(`There is no token in ${source}: it has more than ${mostBytes} bytes`, { hint: wanted });
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

const wanted = "Name a file that holds the token alone, or the URL that it stands in.";

async function readFileText(file: string): Promise<string> {
  const shown = describeFile(file);
  const fail = (reason: string, cause?: unknown) =>
    new FileError(`The token file ${shown} can't be read: ${reason}`, { hint: wanted, cause });
  try {
    if ((await stat(file)).isDirectory()) throw fail("it is a folder");
    return await readBounded(createReadStream(file), `the file ${shown}`);
  } catch (cause) {
    throw cause instanceof FileError ? cause : fail(systemReason(cause), cause);
  }
}

/**
 * Reads a token from a file or from standard input, alone or in a client's URL. It is not checked in any way.
 *
 * @param file - The file; `-` or undefined: standard input.
 * @throws UsageError when the token itself stands on the command line, or nobody could write one.
 * @throws FileError when there is none.
 */
export async function readToken(file: string | undefined, stdin: Input = process.stdin): Promise<string> {
  const fromStdin = file === undefined || file === "-";
  if (!fromStdin) {
    refuseToken(file, "Put it into a file that only you can read and name that, or pipe it: … inspect - < FILE");
  } else if (stdin.isTTY) {
    throw new UsageError("There is no token: nothing is piped into this command", { hint: wanted });
  }
  const source = fromStdin ? "standard input" : `the file ${describeFile(file)}`;
  const text = (fromStdin ? await readBounded(stdin, source) : await readFileText(file)).trim();
  if (text === "") throw new FileError(`There is no token in ${source}: it is empty`, { hint: wanted });
  if (/^bearer\s/i.test(text)) {
    throw new FileError(`The token in ${source} begins with "Bearer", and should stand alone`, {
      hint: "Remove the word.",
    });
  }
  if (!clientUrl.test(text)) return text;
  const { token } = parseServerUrl(text);
  if (token !== undefined) return token;
  throw new FileError(`There is no token in ${source}: the URL has none`, { hint: wanted });
}
