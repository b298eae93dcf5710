import {
  base64url,
  goodClaims,
  type HostileContext,
  type HostileToken,
  header,
  hmac,
  partsOf,
  seal,
  sealWith,
} from "./forge.ts";

/** One bit of a part turned over, in canonical base64url. */
function flip(part: string, index: number): string {
  const bytes = Buffer.from(part, "base64url");
  const at = index < 0 ? bytes.length + index : index;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return base64url(bytes);
}

const withParts = (context: HostileContext, change: (parts: [string, string, string]) => readonly string[]) =>
  change(partsOf(context)).join(".");

const foreignSignature = /signature is not by a key of this server$/;

const cuts: readonly HostileToken[] = [1, 2, 3, 4, 10, 20, 40].map((count) => ({
  name: `a token without its last ${count} characters`,
  token: (c) => seal(c).slice(0, -count),
  reason: /signature (has \d+ bytes; one of HS256 has 32|is not the one base64url spelling)/,
}));

const swaps: readonly HostileToken[] = [
  {
    name: "the payload of another token",
    token: (c) => withParts(c, ([first, , third]) => [first, partsOf({ ...c, audience: "x" })[1], third]),
    reason: foreignSignature,
  },
  {
    name: "a payload with more rights and the old signature",
    token: (c) =>
      withParts(c, ([first, , third]) => [
        first,
        base64url(JSON.stringify({ ...goodClaims(c), scope: "admin" })),
        third,
      ]),
    reason: foreignSignature,
  },
  {
    name: "the signature of another token",
    token: (c) => withParts(c, ([first, second]) => [first, second, seal(c, { sub: "bob" }).split(".")[2] ?? ""]),
    reason: foreignSignature,
  },
  {
    name: "a header with another blank in it",
    token: (c) => withParts(c, ([, second, third]) => [base64url('{"alg": "HS256","typ":"JWT"}'), second, third]),
    reason: foreignSignature,
  },
  {
    name: "header and payload in each other's place",
    token: (c) => withParts(c, ([first, second, third]) => [second, first, third]),
    reason: /header names no algorithm/,
  },
];

const flips: readonly HostileToken[] = [
  {
    name: "a bit of the header's brace",
    token: (c) => withParts(c, ([a, b, s]) => [flip(a, 0), b, s]),
    reason: /header is not valid JSON/,
  },
  {
    name: "a bit of the type",
    token: (c) => withParts(c, ([a, b, s]) => [flip(a, -3), b, s]),
    reason: /type is "JWU"/,
  },
  {
    name: "a bit of the algorithm",
    token: (c) => withParts(c, ([a, b, s]) => [flip(a, 12), b, s]),
    reason: /algorithm is "HS257"/,
  },
  {
    name: "a bit of the payload's first name",
    token: (c) => withParts(c, ([a, b, s]) => [a, flip(b, 2), s]),
    reason: foreignSignature,
  },
  {
    name: "a bit of the payload's end",
    token: (c) => withParts(c, ([a, b, s]) => [a, flip(b, -1), s]),
    reason: /payload is not valid JSON/,
  },
  ...[0, 7, 15, 16, 31].map((index) => ({
    name: `a bit of the signature's byte ${index}`,
    token: (c: HostileContext) => withParts(c, ([a, b, s]) => [a, b, flip(s, index)]),
    reason: foreignSignature,
  })),
];

/** A signature over the right text, made in a wrong way. */
function signed(context: HostileContext, sign: (input: string) => string): string {
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(goodClaims(context)))}`;
  return `${input}.${sign(input)}`;
}

const forgeries: readonly HostileToken[] = [
  { name: "a signature with an empty secret", token: (c) => sealWith("", c), reason: foreignSignature },
  {
    name: "a signature with the secret's name",
    token: (c) => sealWith("VIBECTL_JWT_SECRET", c),
    reason: foreignSignature,
  },
  {
    name: "a signature with a well-known secret",
    token: (c) => sealWith("your-256-bit-secret", c),
    reason: foreignSignature,
  },
  {
    name: "a signature with the secret and a line end",
    token: (c) => sealWith(`${c.secret}\n`, c),
    reason: foreignSignature,
  },
  {
    name: "a signature with what the secret is the base64 of",
    token: (c) => signed(c, (input) => hmac(input, Buffer.from(c.secret, "base64"))),
    reason: foreignSignature,
  },
  {
    name: "a signature with the secret cut short",
    token: (c) => sealWith(c.secret.slice(0, 31), c),
    reason: foreignSignature,
  },
  {
    name: "a signature of zeros",
    token: (c) => signed(c, () => base64url(new Uint8Array(32))),
    reason: foreignSignature,
  },
  {
    name: "a signature of one byte",
    token: (c) => signed(c, () => base64url(new Uint8Array(1))),
    reason: /signature has 1 bytes/,
  },
  {
    name: "a signature twice as long",
    token: (c) => signed(c, (i) => base64url(Buffer.from(hmac(i, c.secret).repeat(2)))),
    reason: /signature has 86 bytes/,
  },
  {
    name: "a signature in hexadecimal",
    token: (c) => signed(c, (input) => base64url(Buffer.from(hmac(input, c.secret), "base64url").toString("hex"))),
    reason: /signature has 64 bytes; one of HS256 has 32/,
  },
  {
    name: "a hash without a secret",
    token: (c) => signed(c, (input) => base64url(new Bun.CryptoHasher("sha256").update(c.secret + input).digest())),
    reason: foreignSignature,
  },
  {
    name: "a signature by SHA-512 under HS256",
    token: (c) => signed(c, (i) => hmac(i, c.secret, "sha512")),
    reason: /signature has 64 bytes/,
  },
  {
    name: "a signature by SHA-512, cut to length",
    token: (c) => signed(c, (i) => hmac(i, c.secret, "sha512").slice(0, 42).concat("A")),
    reason: foreignSignature,
  },
  {
    name: "a signature with SHA-1",
    token: (c) => signed(c, (i) => hmac(i, c.secret, "sha1")),
    reason: /signature has 20 bytes/,
  },
  {
    name: "a signature by the payload alone",
    token: (c) => signed(c, (input) => hmac(input.split(".")[1] ?? "", c.secret)),
    reason: foreignSignature,
  },
];

/** Tokens whose signature is not of the secret, the text or the form that it should be of. */
export const hostileSignatures: readonly HostileToken[] = [...cuts, ...swaps, ...flips, ...forgeries];
