/** Bytes are not the DER (X.690) that they ought to be. Whoever reads them says where they are from, and what to do. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** What a function reads; undefined where it throws DerError. */
export function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Identifier octets (X.690, section 8.1.2). */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  /** `[0]` of a primitive type. */
  primitive0: 0x80,
  /** `[0]` of a constructed type or EXPLICIT, and so on. */
  constructed0: 0xa0,
  constructed1: 0xa1,
  constructed3: 0xa3,
} as const;

/** An element as it is encoded (X.690, section 8.1). */
export interface DerElement {
  /** Its identifier octet; of a tag number from 31 on the first of several. */
  tag: number;
  /** The octets behind its length. */
  contents: Uint8Array;
  /** All of it. */
  bytes: Uint8Array;
}

/** The longest length of a length that is read, in bytes: no file comes near 4 GiB. */
const longestLength = 4;

/**
 * Reads the elements of a DER encoding one after the other, and makes no tree of them: a revocation list has 100,000
 * entries.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position: number;

  /**
   * @param bytes - The encoding; what is read from it are views of these bytes.
   * @param start - Where the first element begins.
   * @param end - Where the last one ends.
   */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** Whether no element is left. */
  get done(): boolean {
    return this.#position === this.#end;
  }

  /** Whether the next element has a tag. */
  nextIs(tag: number): boolean {
    return !this.done && this.#bytes[this.#position] === tag;
  }

  /**
   * Enters the next element.
   *
   * @returns A reader of what is in it.
   * @throws DerError when it has another tag or a broken length.
   */
  enter(tag: number): DerReader {
    const start = this.#enterAt(tag);
    return new DerReader(this.#bytes, start, this.#position);
  }

  /** The contents of the next element, without its tag and length. Throws as {@link enter} does. */
  contents(tag: number): Uint8Array {
    const start = this.#enterAt(tag);
    return this.#bytes.subarray(start, this.#position);
  }

  /** The next element, whatever its tag. Throws as {@link enter} does. */
  any(): DerElement {
    const start = this.#position;
    const tag = this.#bytes[start] ?? 0;
    const contents = this.contents(tag);
    return { tag, contents, bytes: this.#bytes.subarray(start, this.#position) };
  }

  /** The next element as a whole. Throws as {@link enter} does. */
  element(tag: number): Uint8Array {
    const start = this.#position;
    this.#enterAt(tag);
    return this.#bytes.subarray(start, this.#position);
  }

  /** Makes sure that all elements have been read: throws DerError when one is left. */
  finish(): void {
    if (!this.done) {
      throw new DerError(`there are ${this.#end - this.#position} bytes too many before byte ${this.#end}`);
    }
  }

  /** Moves behind the next element, and gives where its contents begin. */
  #enterAt(tag: number): number {
    const start = this.#position;
    if (start + 2 > this.#end) throw new DerError(`it ends at byte ${this.#end}, where more has to follow`);
    const found = this.#bytes[start];
    if (found !== tag) {
      throw new DerError(`byte ${start} begins with tag ${hexByte(found)}, not ${hexByte(tag)}`);
    }
    const [contents, length] = this.#readLength(this.#endOfTag(start));
    if (length > this.#end - contents) throw new DerError(`the element at byte ${start} is longer than what is there`);
    this.#position = contents + length;
    return contents;
  }

  /** A tag number from 31 on takes further bytes, of which the last one is below 0x80 (X.690, section 8.1.2.4). */
  #endOfTag(start: number): number {
    let end = start + 1;
    if (((this.#bytes[start] ?? 0) & 0x1f) < 0x1f) return end;
    while ((this.#bytes[end] ?? 0) >= 0x80) end++;
    return end + 1;
  }

  /** The definite form, as short as can be (X.690, section 10.1). */
  #readLength(at: number): [contents: number, length: number] {
    const first = this.#bytes[at] ?? 0;
    if (first < 0x80) return [at + 1, first];
    const count = first - 0x80;
    let length = 0;
    for (let index = 1; index <= count && count <= longestLength; index++) {
      length = length * 256 + (this.#bytes[at + index] ?? 0);
    }
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError(`the length at byte ${at} is not DER`);
    return [at + 1 + count, length];
  }
}

function hexByte(byte: number | undefined): string {
  return `0x${(byte ?? 0).toString(16).padStart(2, "0")}`;
}
