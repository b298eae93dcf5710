import { constants, type FileHandle, open } from "node:fs/promises";
import { FileError } from "./errors.ts";

/** A file's content. */
export interface FileContent {
  bytes: Uint8Array;
  /** Its permissions, such as 0o600. */
  mode: number;
}

/** Something else than a regular file, or too much of one. Its message follows the file's name. */
export class UnreadableFile extends FileError {
  constructor(
    readonly kind: "folder" | "pipe" | "device" | "too large",
    message: string,
    /** Its bytes, as far as they are known: `more than 65536`. */
    readonly size = "0",
  ) {
    super(message);
  }
}

function describe(kind: "folder" | "pipe" | "device"): UnreadableFile {
  if (kind === "folder") return new UnreadableFile(kind, "is a folder");
  return new UnreadableFile(kind, kind === "pipe" ? "is no regular file but a pipe" : "is no regular file");
}

function tooLarge(size: string, largest: number): UnreadableFile {
  return new UnreadableFile("too large", `is too large: it has ${size} bytes, and may have ${largest}`, size);
}

/** The most that is read of a file that says it has less: some say they are empty, and one can grow while it is read. */
const leastRoom = 64 * 1024;

async function readUpTo(handle: FileHandle, size: number, largest: number): Promise<Uint8Array> {
  const room = Math.min(largest, Math.max(size, leastRoom));
  const buffer = Buffer.alloc(room + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length > room) break;
  }
  if (length > room) throw tooLarge(`more than ${room}`, largest);
  return Uint8Array.from(buffer.subarray(0, length));
}

/**
 * Reads a file that may be anything: it opens without waiting, should it be a pipe, and reads no more than the limit.
 *
 * @param path - The file.
 * @param largest - Bytes that it may have.
 * @throws UnreadableFile when it is no regular file, or is too large; and what the system throws.
 */
export async function readBoundedFile(path: string, largest: number): Promise<FileContent> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await handle.stat();
    if (status.isDirectory()) throw describe("folder");
    if (!status.isFile()) throw describe(status.isFIFO() ? "pipe" : "device");
    if (status.size > largest) throw tooLarge(String(status.size), largest);
    return { bytes: await readUpTo(handle, status.size, largest), mode: status.mode & 0o777 };
  } finally {
    await handle.close();
  }
}
