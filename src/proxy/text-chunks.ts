/** Longest piece of text in one message, in UTF-16 code units: well under the 4 MiB that clients accept. */
const longestPiece = 256 * 1024;

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

/**
 * Cuts a model's text into pieces that fit a message and can be encoded: none is too long, and none ends between the
 * two halves of a surrogate pair.
 */
export class TextChunker {
  #held = "";

  /**
   * Takes text as it arrives.
   *
   * @returns What can be sent now, in order.
   */
  push(text: string): string[] {
    let rest = this.#held + text;
    this.#held = "";
    if (rest === "") return [];
    if (endsInHalf(rest)) {
      this.#held = rest.slice(-1);
      rest = rest.slice(0, -1);
    }
    const pieces: string[] = [];
    while (rest.length > longestPiece) {
      const end = endsInHalf(rest.slice(0, longestPiece)) ? longestPiece - 1 : longestPiece;
      pieces.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    if (rest !== "") pieces.push(rest);
    return pieces;
  }

  /** What is left at the end: half a pair, if the model really wrote one. */
  flush(): string[] {
    const left = this.#held;
    this.#held = "";
    return left === "" ? [] : [left];
  }
}
