import { isUtf8 } from "node:buffer";
import { TransportError } from "./transport-error.ts";

/** Looks at the pieces of an answer's body before they are handed on. */
export interface BodyGuard {
  /**
   * What of a piece, and of what was held back before, can be handed on.
   *
   * @returns Undefined for nothing yet.
   * @throws TransportError when the body is not what it has to be.
   */
  take(piece: Uint8Array): Uint8Array | undefined;
  /** What is left when the body has come to its end. */
  end(): Uint8Array | undefined;
  /** Whether no more of the body is wanted. */
  readonly isFull: boolean;
}

/** A body that is not streamed may have this many bytes. */
export const largestBody = 64 * 1024 * 1024;

/** A line of an event stream may have this many bytes. */
export const longestLine = 16 * 1024 * 1024;

/** Of the body of an error nobody reads more bytes. */
const largestErrorBody = 1024 * 1024;

const lineFeed = 10;
const carriageReturn = 13;
const mebibytes = (bytes: number) => `${bytes / 1024 ** 2} MiB`;

function notUtf8(): TransportError {
  return new TransportError("format", "not_utf8", "it is not UTF-8");
}

function tooLarge(what: string, limit: number): TransportError {
  return new TransportError("format", "too_large", `${what} is larger than ${mebibytes(limit)}`);
}

function joined(held: readonly Uint8Array[], piece: Uint8Array): Uint8Array {
  return held.length === 0 ? piece : Buffer.concat([...held, piece]);
}

/**
 * Hands an event stream on in whole lines. The parser behind it begins a line that comes in many pieces anew with each of
 * them, and no character is split between lines.
 */
class EventStreamGuard implements BodyGuard {
  readonly isFull = false;
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  take(piece: Uint8Array): Uint8Array | undefined {
    const end = Math.max(piece.lastIndexOf(lineFeed), piece.lastIndexOf(carriageReturn)) + 1;
    if (end === 0) return this.#hold(piece);
    const lines = joined(this.#held, piece.subarray(0, end));
    this.#held = [];
    this.#heldBytes = 0;
    if (!isUtf8(lines)) throw notUtf8();
    if (end < piece.length) this.#hold(piece.subarray(end));
    return lines;
  }

  /** A last line without an end is no event; it is handed on for what it may tell. */
  end(): Uint8Array | undefined {
    return this.#heldBytes === 0 ? undefined : joined(this.#held, new Uint8Array());
  }

  #hold(piece: Uint8Array): undefined {
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes > longestLine) throw tooLarge("a line of its answer", longestLine);
  }
}

/** How many bytes at the end of a piece begin a character that the next one goes on with (RFC 3629, section 3). */
function splitBytes(piece: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, piece.length); back++) {
    const byte = piece[piece.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Bounds an answer that comes all at once, and wants it to be UTF-8 where it says that it is text. */
class WholeBodyGuard implements BodyGuard {
  readonly isFull = false;
  readonly #isText: boolean;
  #bytes = 0;
  #split: Uint8Array[] = [];

  constructor(isText: boolean) {
    this.#isText = isText;
  }

  take(piece: Uint8Array): Uint8Array | undefined {
    this.#bytes += piece.length;
    if (this.#bytes > largestBody) throw tooLarge("its answer", largestBody);
    if (!this.#isText) return piece;
    const text = joined(this.#split, piece);
    const end = text.length - splitBytes(text);
    if (!isUtf8(text.subarray(0, end))) throw notUtf8();
    this.#split = end < text.length ? [text.subarray(end)] : [];
    return end === 0 ? undefined : text.subarray(0, end);
  }

  end(): Uint8Array | undefined {
    if (this.#split.length > 0) throw notUtf8();
    return undefined;
  }
}

/** Lets the beginning of an error's body through: the status says more than the rest of it. */
class ErrorBodyGuard implements BodyGuard {
  #left = largestErrorBody;

  get isFull(): boolean {
    return this.#left === 0;
  }

  take(piece: Uint8Array): Uint8Array | undefined {
    const part = piece.subarray(0, this.#left);
    this.#left -= part.length;
    return part;
  }

  end(): undefined {
    return undefined;
  }
}

/**
 * Chooses what looks at a body.
 *
 * @param status - The answer's.
 * @param contentType - The value of Content-Type; empty when there is none.
 */
export function guardFor(status: number, contentType: string): BodyGuard {
  if (status >= 400) return new ErrorBodyGuard();
  if (/^text\/event-stream\b/i.test(contentType)) return new EventStreamGuard();
  return new WholeBodyGuard(/^application\/([\w.-]+\+)?json\b/i.test(contentType));
}
