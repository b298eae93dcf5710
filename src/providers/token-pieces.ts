import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** Longer pieces without a boundary take the tokenizer a time that grows with the square of their length, in characters. */
const longestPiece = 256;

const space = 0x20;

/** Where a piece that begins at `begin` may end without a word being cut; where there is none, within a word. */
function endOf(text: string, begin: number): number {
  const furthest = begin + longestPiece;
  for (let at = furthest; at > begin; at--) {
    // A token takes the space before its word with it, and of several spaces only the last.
    if (text.charCodeAt(at) === space && text.charCodeAt(at - 1) > space) return at;
  }
  const isWithinPair = (text.charCodeAt(furthest) & 0xfc00) === 0xdc00;
  return isWithinPair ? furthest - 1 : furthest;
}

function* piecesOf(text: string): Generator<string> {
  let begin = 0;
  while (text.length - begin > longestPiece) {
    const end = endOf(text, begin);
    yield text.slice(begin, end);
    begin = end;
  }
  yield text.slice(begin);
}

/** What looks like one of a model's control tokens is text here. */
const asText = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/**
 * Counts tokens as OpenAI's newer models do, in a time that only grows with the text's length.
 *
 * @param text - Any text.
 */
export function countPieces(text: string): number {
  let tokens = 0;
  for (const piece of piecesOf(text)) tokens += countTokens(piece, asText);
  return tokens;
}
