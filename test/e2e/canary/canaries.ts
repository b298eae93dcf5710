import { createPrivateKey, randomBytes } from "node:crypto";

/** What a canary stands for. */
export type CanaryKind =
  /** A secret that the configuration or a variable of it gives: `--reveal` may show it. */
  | "configured"
  /** Any other secret. */
  | "secret"
  /** What a caller asks, or a model answers. */
  | "prompt";

/** A text that is found nowhere unless it was put there. */
export interface Canary {
  /** The place that it was put into, for a person. */
  place: string;
  kind: CanaryKind;
  /** The pieces by which it is recognised; each alone gives it away. */
  pieces: readonly string[];
}

/** A canary that was found where it should not be. */
export interface Leak {
  place: string;
  kind: CanaryKind;
  /** The encoding that it was found in. */
  form: string;
  /** Where it was found. */
  where: string;
}

/** How much of a piece is enough to be recognised: messages are cut short. */
const pieceLength = 24;
/** A piece with less than that could be there by chance. */
const shortestPiece = 12;

/**
 * The same bytes in base64 as they look within a longer text, at each of the three alignments, without the characters that
 * depend on the neighbours.
 */
function base64Within(piece: string): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(piece)]).toString("base64");
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + Buffer.byteLength(piece)) * 8) / 6);
    return text.slice(first, last);
  });
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** Every form in which a piece may show, by its name. */
export function formsOf(piece: string): ReadonlyMap<string, string> {
  const hex = Buffer.from(piece).toString("hex");
  const base64 = base64Within(piece);
  const escaped = [...piece].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  return new Map([
    ["as it is", piece],
    ["in capitals", piece.toUpperCase()],
    ["as JSON", JSON.stringify(piece).slice(1, -1)],
    ["as escapes", escaped],
    ["in a URL", encodeURIComponent(piece)],
    ["percent-encoded", percentEncoded(piece)],
    ["in hex", hex],
    ["in upper-case hex", hex.toUpperCase()],
    ...base64.map((text, index): [string, string] => [`in base64 (${index})`, text]),
    ...base64.map((text, index): [string, string] => [
      `in base64url (${index})`,
      text.replaceAll("+", "-").replaceAll("/", "_"),
    ]),
  ]);
}

function cut(text: string, most: number): string[] {
  const count = Math.min(most, Math.ceil(text.length / pieceLength));
  const pieces = Array.from({ length: count }, (_, index) =>
    text.slice(index * pieceLength, (index + 1) * pieceLength),
  );
  // A run of one letter tells nothing.
  return pieces.filter((piece) => piece.length >= shortestPiece && new Set(piece).size > 3);
}

/** Where the secret part of a key ends, in characters of its base64: behind that of an EC key stands the public one. */
function secretEnd(pem: string, base64: string): number {
  if (pem.includes("ENCRYPTED")) return base64.length;
  const { d } = createPrivateKey(pem).export({ format: "jwk" });
  const secret = Buffer.from(d ?? "", "base64url");
  const at = Buffer.from(base64, "base64").indexOf(secret);
  if (at < 0) throw new Error("the key's secret part is not in it");
  return Math.floor(((at + secret.length) * 8) / 6);
}

/** The canaries of one test, and the search for them. */
export class Canaries {
  readonly #all: Array<Canary & { forms: ReadonlyArray<readonly [form: string, needle: string]> }> = [];

  #keep(canary: Canary, forms: (piece: string) => Iterable<readonly [string, string]>): void {
    this.#all.push({ ...canary, forms: canary.pieces.flatMap((piece) => [...forms(piece)]) });
  }

  /**
   * Makes a canary: 60 characters or more that begin with a prefix and the word canary.
   *
   * @param place - Where it will be put.
   * @param prefix - What keys of that maker begin with.
   */
  make(place: string, kind: CanaryKind, prefix = ""): string {
    const core = `canary_${randomBytes(8).toString("hex")}`;
    this.#keep({ place, kind, pieces: [core] }, formsOf);
    // Letters of its own: what two canaries share would be taken out of the one as the other's words.
    const rest = [...randomBytes(40)].map((byte) => String.fromCharCode(97 + (byte % 26))).join("");
    return `${prefix}${core}-${rest}`;
  }

  /** Takes a token for a canary: each part of it gives it away. */
  token(place: string, text: string): string {
    this.#keep({ place, kind: "secret", pieces: text.split(".").flatMap((part) => cut(part, 20)) }, formsOf);
    return text;
  }

  /** Takes a hostile token for one. As there are many, only the beginning of each part is looked for, as it is. */
  hostileToken(place: string, text: string): string {
    const pieces = text.split(".").flatMap((part) => cut(part, 2));
    this.#keep({ place, kind: "secret", pieces }, (piece) => [["as it is", piece]]);
    return text;
  }

  /** Takes a private key in PEM for one: each line of it gives it away, but for those of its public part. */
  pem(place: string, text: string): string {
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
    const end = secretEnd(text, lines.join(""));
    const pieces = lines.flatMap((line, index) => cut(line.slice(0, Math.max(0, end - index * 64)), 3));
    this.#keep({ place, kind: "secret", pieces }, formsOf);
    return text;
  }

  /** The places that canaries were put into. */
  get places(): string[] {
    return this.#all.map(({ place }) => place);
  }

  /**
   * Looks for all canaries in a text.
   *
   * @param where - What the text is, for a person.
   */
  find(text: string, where: string): Leak[] {
    if (text === "") return [];
    return this.#all.flatMap(({ place, kind, forms }) => {
      const found = forms.find(([, needle]) => text.includes(needle));
      return found ? [{ place, kind, form: found[0], where }] : [];
    });
  }
}
