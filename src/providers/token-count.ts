/** Counts the tokens of texts where a provider does not. */
export interface TokenCounter {
  /**
   * Counts the tokens of a text; of a long one, those of its beginning, and the rest by its length. It never fails: what
   * can't be counted in time is guessed by its length.
   *
   * @param text - Any text.
   */
  count(text: string): Promise<number>;
}

/** What is kept of a streamed text unless told otherwise, in characters. */
const keptOfStream = 32 * 1024;

const charactersPerToken = 4;

/**
 * Guesses the tokens of a text by its length.
 *
 * @param length - In characters.
 */
export function guessTokens(length: number): number {
  return Math.ceil(length / charactersPerToken);
}

/** The beginning of a text that comes in pieces, and the length of all of it: an endless one holds no memory. */
export class TextSample {
  readonly #limit: number;
  #beginning = "";
  #length = 0;

  /** @param limit - Characters that are kept. */
  constructor(limit = keptOfStream) {
    this.#limit = limit;
  }

  /** Characters that have come. */
  get length(): number {
    return this.#length;
  }

  /** Adds a piece. */
  push(text: string): void {
    const room = this.#limit - this.#beginning.length;
    if (room > 0) this.#beginning += text.length > room ? text.slice(0, room) : text;
    this.#length += text.length;
  }

  /**
   * Counts the tokens of the whole text, as if all of it were like its beginning.
   *
   * @param counter - Counts those of the beginning.
   */
  async tokens(counter: TokenCounter): Promise<number> {
    if (this.#length === 0) return 0;
    const length = this.#length;
    const beginning = this.#beginning;
    const counted = await counter.count(beginning);
    return Math.ceil((counted * length) / beginning.length);
  }
}
