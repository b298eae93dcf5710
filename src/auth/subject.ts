const longestSubject = 256;

/** Letters, marks, digits, punctuation, symbols and blanks; nothing that can't be seen, or turns the direction of text. */
const allowed = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800]/u;

/**
 * Says why a text can't be a token's subject: it stands in logs and lists, where it must read as what it is.
 *
 * @returns A part of a sentence whose subject is the text, or undefined where it can be one.
 */
export function objectionToSubject(text: string): string | undefined {
  if (text === "") return "is empty";
  const { length } = [...text];
  if (length > longestSubject) return `has ${length} characters; ${longestSubject} are allowed`;
  if (!allowed.test(text) || invisible.test(text)) return "has characters that can't be seen";
  if (text.trim() !== text) return "begins or ends with a blank";
  if (text.normalize("NFC") !== text) return "is not in Unicode's composed form (NFC)";
  return undefined;
}
