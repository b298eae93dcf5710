import {
  base64url,
  goodClaims,
  type HostileContext,
  type HostileToken,
  header,
  partsOf,
  seal,
  sealTexts,
} from "./forge.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Another spelling of the same bytes: the last character has bits that nobody reads. */
function respell(part: string): string {
  const index = alphabet.indexOf(part.at(-1) ?? "");
  return part.slice(0, -1) + alphabet[index ^ 1];
}

const payload = (context: HostileContext) => JSON.stringify(goodClaims(context));
const sealPayload = (context: HostileContext, text: string | Uint8Array) =>
  sealTexts(JSON.stringify(header), text, context.secret);
const sealHeader = (context: HostileContext, text: string | Uint8Array) =>
  sealTexts(text, payload(context), context.secret);

/** JSON with a member added before its end. */
const withMember = (json: string, member: string) => `${json.slice(0, -1)},${member}}`;
const nested = (depth: number) => `"x":${"[".repeat(depth)}${"]".repeat(depth)}`;
const nestedObjects = (depth: number) => `"x":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
const badUtf8 = (json: string) =>
  Buffer.concat([Buffer.from(`${json.slice(0, -1)},"x":"`), Buffer.from([0xc0, 0xaf, 0x22, 0x7d])]);

const wholes: readonly HostileToken[] = [
  { name: "nothing", token: () => "", reason: /is empty$/ },
  { name: "a word", token: () => "not-a-token", reason: /has 1 part;/ },
  { name: "dots alone", token: () => "..", reason: /header is empty/ },
  { name: "one dot", token: () => ".", reason: /has 2 parts/ },
  { name: "no header", token: (c) => seal(c).replace(/^[^.]*/, ""), reason: /header is empty/ },
  { name: "no payload", token: (c) => seal(c).replace(/\.[^.]*\./, ".."), reason: /payload is empty/ },
  { name: "no signature part", token: (c) => partsOf(c).slice(0, 2).join("."), reason: /has 2 parts/ },
  { name: "an empty signature", token: (c) => `${partsOf(c).slice(0, 2).join(".")}.`, reason: /has no signature/ },
  { name: "a trailing dot", token: (c) => `${seal(c)}.`, reason: /has 4 parts/ },
  { name: "two trailing dots", token: (c) => `${seal(c)}..`, reason: /has 5 parts: it is encrypted/ },
  { name: "many dots", token: () => ".".repeat(8000), reason: /has 8001 parts/ },
  { name: "over 8 KiB", token: (c) => seal(c, { x: "x".repeat(8192) }), reason: /characters; 8192 are allowed/ },
  { name: "8193 characters", token: () => "a".repeat(8193), reason: /has 8193 characters/ },
  { name: "a megabyte", token: (c) => seal(c, { x: "x".repeat(1024 * 1024) }), reason: /characters; 8192 are allowed/ },
  { name: "a megabyte of dots", token: () => ".".repeat(1024 * 1024), reason: /has 1048576 characters/ },
  { name: "two tokens", token: (c) => `${seal(c)},${seal(c)}`, reason: /has 5 parts/ },
  { name: "a blank before it", token: (c) => ` ${seal(c)}`, reason: /blank or a line end/ },
  { name: "a line end after it", token: (c) => `${seal(c)}\n`, reason: /blank or a line end/ },
  { name: "a line end inside", token: (c) => seal(c).replace(".", ".\r\n"), reason: /blank or a line end/ },
  { name: "Bearer twice", token: (c) => `Bearer ${seal(c)}`, reason: /blank or a line end/ },
  { name: "quotation marks", token: (c) => `"${seal(c)}"`, reason: /header has characters that base64url has not/ },
  { name: "a NUL after it", token: (c) => `${seal(c)}\0`, reason: /signature has characters that base64url has not/ },
  {
    name: "the JSON form of a signature",
    token(c) {
      const [first, second, signature] = partsOf(c);
      return JSON.stringify({ payload: second, protected: first, signature });
    },
    reason: /JSON form/,
  },
  {
    name: "a token that is JSON to one reader and compact to another (CVE-2022-39227)",
    token(c) {
      const [first, second, signature] = partsOf(c);
      return `{"  ${first}.${second}.${signature}":"","protected":"${first}","payload":"${second}","signature":"${signature}"}`;
    },
    reason: /JSON form/,
  },
  {
    name: "an encrypted token",
    token: () =>
      `${base64url('{"alg":"dir","enc":"A256GCM"}')}..${base64url("iv")}.${base64url("text")}.${base64url("tag")}`,
    reason: /5 parts: it is encrypted/,
  },
];

const encodings: readonly HostileToken[] = [
  { name: "padding after the signature", token: (c) => `${seal(c)}=`, reason: /signature has base64 padding/ },
  { name: "padding after the header", token: (c) => seal(c).replace(".", "==."), reason: /header has base64 padding/ },
  { name: "base64 instead of base64url", token: (c) => seal(c).replace(/.$/, "+"), reason: /is base64, not base64url/ },
  {
    name: "percent encoding",
    token: (c) => seal(c).replace(/.$/, "%41"),
    reason: /has characters that base64url has not/,
  },
  {
    name: "Cyrillic in the signature",
    token: (c) => seal(c).replace(/.$/, "а"),
    reason: /has characters that base64url has not/,
  },
  {
    name: "another spelling of the signature",
    token: (c) => respell(seal(c)),
    reason: /signature is not the one base64url/,
  },
  {
    name: "another spelling of the header",
    token: (c) => {
      const [, second, signature] = partsOf(c);
      return `${respell(base64url('{"alg":"HS256"} '))}.${second}.${signature}`;
    },
    reason: /header is not the one base64url/,
  },
  {
    name: "a cut character",
    token: (c) => seal(c).replace(/\.[^.]*$/, ".A"),
    reason: /signature is not the one base64url/,
  },
];

const texts: readonly HostileToken[] = [
  { name: "a header that is no JSON", token: (c) => sealHeader(c, "alg=HS256"), reason: /header is not valid JSON/ },
  {
    name: "a header that is a list",
    token: (c) => sealHeader(c, '["HS256"]'),
    reason: /header is JSON, but not an object/,
  },
  { name: "a header that is null", token: (c) => sealHeader(c, "null"), reason: /header is JSON, but not an object/ },
  {
    name: "a header that is no UTF-8",
    token: (c) => sealHeader(c, badUtf8('{"alg":"HS256"}')),
    reason: /header is not valid UTF-8/,
  },
  {
    name: "a header in UTF-16",
    token: (c) => sealHeader(c, Buffer.from('{"alg":"HS256"}', "utf16le")),
    reason: /header is not valid JSON/,
  },
  {
    name: "a header with a byte order mark",
    token: (c) => sealHeader(c, '\uFEFF{"alg":"HS256"}'),
    reason: /header is not valid JSON/,
  },
  {
    name: "a header with a comment",
    token: (c) => sealHeader(c, '{"alg":"HS256"/**/}'),
    reason: /header is not valid JSON/,
  },
  {
    name: "two algorithms",
    token: (c) => sealHeader(c, '{"alg":"none","alg":"HS256"}'),
    reason: /header has two members with the name "alg"/,
  },
  {
    name: "two algorithms, one escaped",
    token: (c) => sealHeader(c, '{"alg":"none","\\u0061lg":"HS256"}'),
    reason: /header has two members with the name "alg"/,
  },
  {
    name: "two key ids",
    token: (c) => sealHeader(c, '{"alg":"HS256","kid":"a","kid":"b"}'),
    reason: /header has two members with the name "kid"/,
  },
  {
    name: "a deep header",
    token: (c) => sealHeader(c, withMember('{"alg":"HS256"}', nested(16))),
    reason: /header is nested too deeply/,
  },
  { name: "a payload that is no JSON", token: (c) => sealPayload(c, "sub=alice"), reason: /payload is not valid JSON/ },
  {
    name: "a payload that is a text",
    token: (c) => sealPayload(c, '"alice"'),
    reason: /payload is JSON, but not an object/,
  },
  {
    name: "a payload that is a list of claims",
    token: (c) => sealPayload(c, `[${payload(c)}]`),
    reason: /payload is JSON, but not an object/,
  },
  {
    name: "a payload that is no UTF-8",
    token: (c) => sealPayload(c, badUtf8(payload(c))),
    reason: /payload is not valid UTF-8/,
  },
  {
    name: "a payload with something after it",
    token: (c) => sealPayload(c, `${payload(c)}{}`),
    reason: /payload is not valid JSON/,
  },
  {
    name: "a payload with a comma too many",
    token: (c) => sealPayload(c, payload(c).replace(/}$/, ",}")),
    reason: /payload is not valid JSON/,
  },
  {
    name: "two subjects",
    token: (c) => sealPayload(c, withMember(payload(c), '"sub":"root"')),
    reason: /payload has two members with the name "sub"/,
  },
  {
    name: "two subjects, one escaped",
    token: (c) => sealPayload(c, withMember(payload(c), '"\\u0073ub":"root"')),
    reason: /payload has two members with the name "sub"/,
  },
  {
    name: "two expiries",
    token: (c) => sealPayload(c, withMember(payload(c), '"exp":9999999999')),
    reason: /payload has two members with the name "exp"/,
  },
  {
    name: "two members far inside",
    token: (c) => sealPayload(c, withMember(payload(c), '"a":[{"b":{"c":1,"c":2}}]')),
    reason: /payload has two members with the name "c"/,
  },
  {
    name: "lists in 17 lists",
    token: (c) => sealPayload(c, withMember(payload(c), nested(17))),
    reason: /payload is nested too deeply/,
  },
  {
    name: "lists in 2000 lists",
    token: (c) => sealPayload(c, withMember(payload(c), nested(2000))),
    reason: /payload is nested too deeply/,
  },
  {
    name: "objects in 900 objects",
    token: (c) => sealPayload(c, withMember(payload(c), nestedObjects(900))),
    reason: /payload is nested too deeply/,
  },
  {
    name: "NaN as expiry",
    token: (c) => sealPayload(c, payload(c).replace(/"exp":\d+/, '"exp":NaN')),
    reason: /payload is not valid JSON/,
  },
  {
    name: "an infinite expiry",
    token: (c) => sealPayload(c, payload(c).replace(/"exp":\d+/, '"exp":1e400')),
    reason: /"exp" is not a finite number/,
  },
];

/** Tokens that are wrong in their form. */
export const hostileShapes: readonly HostileToken[] = [...wholes, ...encodings, ...texts];
