import { UnauthenticatedError } from "../errors.ts";
import { type JsonObject, readJsonObject } from "./json-text.ts";

/** A token's parts as they were read: nobody has vouched for them. */
export interface TokenText {
  header: JsonObject;
  payload: JsonObject;
  signature: Uint8Array;
}

/** Largest token that is looked at, in characters. */
export const longestToken = 8192;

/** A text may be written in base64url in one way only: else one token would have many spellings (RFC 7515, section 2). */
function decode(text: string, part: string): Uint8Array {
  if (text.includes("=")) throw new UnauthenticatedError(`the token's ${part} has base64 padding`);
  if (/[+/]/.test(text)) throw new UnauthenticatedError(`the token's ${part} is base64, not base64url`);
  if (!/^[A-Za-z0-9_-]*$/.test(text)) {
    throw new UnauthenticatedError(`the token's ${part} has characters that base64url has not`);
  }
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) {
    throw new UnauthenticatedError(`the token's ${part} is not the one base64url spelling of its bytes`);
  }
  return bytes;
}

function checkShape(token: string, parts: readonly string[]): void {
  if (token === "") throw new UnauthenticatedError("the token is empty");
  if (token.length > longestToken) {
    throw new UnauthenticatedError(`the token has ${token.length} characters; ${longestToken} are allowed`);
  }
  if (token.trimStart().startsWith("{")) {
    throw new UnauthenticatedError("the token is a signature in JSON form; only the compact form is taken");
  }
  if (/\s/.test(token)) throw new UnauthenticatedError("the token has a blank or a line end in it");
  if (parts.length === 5) throw new UnauthenticatedError("the token has 5 parts: it is encrypted, not signed");
  if (parts.length !== 3) {
    const count = parts.length === 1 ? "1 part" : `${parts.length} parts`;
    throw new UnauthenticatedError(`the token has ${count}; a signed token has 3`);
  }
}

/**
 * Takes a token apart (JWS Compact Serialization: RFC 7515, section 7.1), without checking what it says or who signed it.
 *
 * @throws UnauthenticatedError when it has not the form of a token; the message says why and never repeats the token.
 */
export function readTokenText(token: string): TokenText {
  // No more dots are looked for than there may be.
  const parts = token.slice(0, longestToken).split(".");
  checkShape(token, parts);
  const [header = "", payload = "", signature = ""] = parts;
  if (header === "") throw new UnauthenticatedError("the token's header is empty");
  if (payload === "") throw new UnauthenticatedError("the token's payload is empty");
  return {
    header: readJsonObject(decode(header, "header"), "header"),
    payload: readJsonObject(decode(payload, "payload"), "payload"),
    signature: decode(signature, "signature"),
  };
}
