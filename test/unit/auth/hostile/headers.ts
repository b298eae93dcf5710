import { createHmac, createPublicKey, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  base64url,
  goodClaims,
  type HostileContext,
  type HostileToken,
  hmac,
  partsOf,
  seal,
  sealWith,
} from "./forge.ts";

const attacker = generateKeyPairSync("rsa", { modulusLength: 2048 });
const attackerJwk = createPublicKey(attacker.privateKey).export({ format: "jwk" });
const attackerPem = attacker.publicKey.export({ format: "pem", type: "spki" }).toString();

function unsigned(context: HostileContext, alg: unknown, signature = ""): string {
  const input = `${base64url(JSON.stringify({ alg, typ: "JWT" }))}.${base64url(JSON.stringify(goodClaims(context)))}`;
  return `${input}.${signature}`;
}

function rsaSigned(context: HostileContext, headers: object, key: KeyObject = attacker.privateKey): string {
  const input = `${base64url(JSON.stringify({ typ: "JWT", ...headers }))}.${base64url(JSON.stringify(goodClaims(context)))}`;
  return `${input}.${createSign("sha256").update(input).sign(key, "base64url")}`;
}

/** Says HS256, and is signed with another secret: what somebody does who hopes that his own key is taken. */
const foreign = (context: HostileContext, headers: object) => sealWith("attacker".repeat(8), context, headers);

const spellings = ["none", "None", "NONE", "nOnE", "none ", " none", "none\n"];
const algorithms: readonly HostileToken[] = [
  ...spellings.map((alg) => ({
    name: `the algorithm ${JSON.stringify(alg)} and no signature`,
    token: (c: HostileContext) => unsigned(c, alg),
    reason: /is not signed: its algorithm is "/,
  })),
  {
    name: "none with the signature of a good token",
    token: (c) => unsigned(c, "none", partsOf(c)[2]),
    reason: /is not signed/,
  },
  { name: "none with a good signature", token: (c) => seal(c, {}, { alg: "none" }), reason: /is not signed/ },
  { name: "no algorithm", token: (c) => seal(c, {}, { alg: undefined }), reason: /names no algorithm/ },
  {
    name: "an empty algorithm",
    token: (c) => seal(c, {}, { alg: "" }),
    reason: /algorithm is ""; this server takes HS256/,
  },
  { name: "null as algorithm", token: (c) => seal(c, {}, { alg: null }), reason: /algorithm is null, not a text/ },
  { name: "a number as algorithm", token: (c) => seal(c, {}, { alg: 256 }), reason: /algorithm is 256, not a text/ },
  { name: "true as algorithm", token: (c) => seal(c, {}, { alg: true }), reason: /algorithm is true, not a text/ },
  {
    name: "a list as algorithm",
    token: (c) => seal(c, {}, { alg: ["HS256"] }),
    reason: /algorithm is a list, not a text/,
  },
  {
    name: "an object as algorithm",
    token: (c) => seal(c, {}, { alg: { name: "HS256" } }),
    reason: /algorithm is an object/,
  },
  { name: "hs256", token: (c) => seal(c, {}, { alg: "hs256" }), reason: /algorithm is "hs256"/ },
  { name: "HS256 and a NUL", token: (c) => seal(c, {}, { alg: "HS256\0" }), reason: /algorithm is "HS256\\u\{0\}"/ },
  {
    name: "an algorithm that hides",
    token: (c) => seal(c, {}, { alg: "HS256\u200b\u202e" }),
    reason: /HS256\\u\{200b\}\\u\{202e\}/,
  },
  { name: "a long algorithm", token: (c) => seal(c, {}, { alg: "A".repeat(4000) }), reason: /algorithm is "A{40}…"/ },
  {
    name: "HS512 with the same secret",
    token(c) {
      const input = unsigned(c, "HS512").slice(0, -1);
      return `${input}.${hmac(input, c.secret, "sha512")}`;
    },
    reason: /algorithm is "HS512"/,
  },
  { name: "RS256 by a key of its own", token: (c) => rsaSigned(c, { alg: "RS256" }), reason: /algorithm is "RS256"/ },
  {
    name: "PBES2, which costs a million rounds",
    token: (c) => seal(c, {}, { alg: "PBES2-HS512+A256KW", p2c: 2 ** 31 }),
    reason: /algorithm is "PBES2/,
  },
  {
    name: "ES256 with a signature of zeros (CVE-2022-21449)",
    token: (c) => unsigned(c, "ES256", base64url(new Uint8Array(64))),
    reason: /algorithm is "ES256"/,
  },
];

const members: readonly HostileToken[] = [
  { name: "crit", token: (c) => seal(c, {}, { crit: ["exp"], exp: 1 }), reason: /header has "crit"/ },
  {
    name: "an unknown extension in crit (CVE-2025-59420)",
    token: (c) => seal(c, {}, { crit: ["bork"], bork: true }),
    reason: /header has "crit"/,
  },
  { name: "an empty crit", token: (c) => seal(c, {}, { crit: [] }), reason: /header has "crit"/ },
  {
    name: "an unencoded payload",
    token: (c) => seal(c, {}, { b64: false, crit: ["b64"] }),
    reason: /header has "crit"/,
  },
  { name: "b64 alone", token: (c) => seal(c, {}, { b64: false }), reason: /header has "b64"/ },
  { name: "a compressed payload", token: (c) => seal(c, {}, { zip: "DEF" }), reason: /header has "zip"/ },
  { name: "a token in a token", token: (c) => seal(c, {}, { cty: "JWT" }), reason: /header has "cty"/ },
  { name: "enc in a signed token", token: (c) => seal(c, {}, { enc: "A256GCM" }), reason: /header has "enc"/ },
  { name: "an id token's type", token: (c) => seal(c, {}, { typ: "logout+jwt" }), reason: /type is "logout\+jwt"/ },
  { name: "a proof as token", token: (c) => seal(c, {}, { typ: "dpop+jwt" }), reason: /type is "dpop\+jwt"/ },
  { name: "a number as type", token: (c) => seal(c, {}, { typ: 1 }), reason: /type is 1/ },
  { name: "a number as key id", token: (c) => seal(c, {}, { kid: 1 }), reason: /key id is 1, not a text/ },
  {
    name: "an object as key id",
    token: (c) => seal(c, {}, { kid: { $ne: null } }),
    reason: /key id is an object, not a text/,
  },
  { name: "null as key id", token: (c) => seal(c, {}, { kid: null }), reason: /key id is null, not a text/ },
  { name: "a long key id", token: (c) => seal(c, {}, { kid: "k".repeat(257) }), reason: /key id has 257 characters/ },
];

/** Names of keys that make careless servers read a file, ask a database, run a command or fetch something. */
const keyIds: readonly (readonly [name: string, kid: string, secret: string])[] = [
  ["the path of an empty file", "../../../../../../dev/null", ""],
  ["a path with a NUL", "/etc/hostname\0.pem", "localhost\n"],
  ["a path of Windows", "..\\..\\windows\\win.ini", ""],
  ["a file's address", "file:///proc/sys/kernel/randomize_va_space", "2"],
  ["an address", "http://169.254.169.254/latest/meta-data/", "x"],
  ["SQL that gives a key", "x' UNION SELECT 'attacker'--", "attacker"],
  ["SQL that is always true", "' OR 1=1 --", "x"],
  ["a command", "x|/usr/bin/id", "x"],
  ["a member of every object", "__proto__", "[object Object]"],
];

const keys: readonly HostileToken[] = [
  ...keyIds.map(([name, kid, secret]) => ({
    name: `a key id that is ${name}`,
    token: (c: HostileContext) => sealWith(secret, c, { kid }),
    reason: /signature is not by a key of this server \(it names the key "/,
  })),
  {
    name: "the address of a key set",
    token: (c) => foreign(c, { jku: "https://attacker.example/jwks.json" }),
    reason: /brings its own key in "jku"/,
  },
  {
    name: "the address of a certificate",
    token: (c) => foreign(c, { x5u: "https://attacker.example/chain.pem" }),
    reason: /brings its own key in "x5u"/,
  },
  {
    name: "a certificate",
    token: (c) => foreign(c, { x5c: [base64url("certificate")] }),
    reason: /brings its own key in "x5c"/,
  },
  {
    name: "the secret that it is signed with (CVE-2018-0114)",
    token: (c) => foreign(c, { jwk: { kty: "oct", k: base64url("attacker".repeat(8)) } }),
    reason: /brings its own key in "jwk"/,
  },
  {
    name: "an RSA key of its own, signed with it",
    token: (c) => rsaSigned(c, { alg: "RS256", jwk: attackerJwk }),
    reason: /algorithm is "RS256"/,
  },
  {
    name: "a key in every place",
    token: (c) => foreign(c, { jwk: attackerJwk, jku: "http://localhost/", x5u: "http://localhost/", x5c: [] }),
    reason: /own key in "jwk", "jku", "x5c", "x5u"/,
  },
  {
    name: "a public key as secret",
    token: (c) => sealWith(attackerPem, c),
    reason: /signature is not by a key of this server$/,
  },
  {
    name: "a signature over other bytes than those that were sent",
    token(c) {
      const [first, second] = partsOf(c);
      return `${first}.${second}.${createHmac("sha256", c.secret).update(second).digest("base64url")}`;
    },
    reason: /signature is not by a key of this server$/,
  },
];

/** Tokens whose header is meant to make a server choose a wrong key, or none. */
export const hostileHeaders: readonly HostileToken[] = [...algorithms, ...members, ...keys];
