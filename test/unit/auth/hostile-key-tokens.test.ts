import { describe, expect, test } from "bun:test";
import { createHmac, createSign, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { SignJWT } from "jose";
import type { KeyAlgorithm } from "../../../src/auth/algorithms.ts";
import type { KeyPair } from "../../../src/auth/keys.ts";
import { createTokenVerifier } from "../../../src/auth/token-verifier.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { base64url } from "./hostile/forge.ts";
import { jwkOf, loadPrivate, materialFor, publicPemOf } from "./key-material.ts";
import { now, refusal, seconds, settingsOf } from "./verifiers.ts";

const folder = temporaryFolder();
const algorithms: readonly KeyAlgorithm[] = ["RS256", "PS256", "ES256", "EdDSA"];
const claims = { iss: "vibectl-server", sub: "root", exp: seconds + 60 };
const rsa = materialFor("RS256");
const material = { RS256: rsa, PS256: rsa, ES256: materialFor("ES256"), EdDSA: materialFor("EdDSA") };
const servers = Object.fromEntries(
  await Promise.all(algorithms.map(async (name) => [name, await loadPrivate(folder, name, material[name])] as const)),
) as Record<KeyAlgorithm, KeyPair>;

const inputOf = (header: object) => `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;

function withHmac(secret: string | Uint8Array, hash = "sha256", header: object = { alg: "HS256" }): string {
  const input = inputOf(header);
  return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}

const withSignature = (header: object, signature: Uint8Array) => `${inputOf(header)}.${base64url(signature)}`;

const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
const half = (bytes: Uint8Array) => Buffer.concat([bytes, bytes]);
const number = (value: number) => Buffer.from([...new Uint8Array(31), value]);

/** Signatures that a verifier took which forgot to look whether r and s are in their range (CVE-2022-21449). */
const psychic: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["zeros", new Uint8Array(64), /signature is not by a key/],
  ["the curve's order", half(order), /signature is not by a key/],
  ["zero and one", Buffer.concat([number(0), number(1)]), /signature is not by a key/],
  ["one and zero", Buffer.concat([number(1), number(0)]), /signature is not by a key/],
  ["ones", half(number(1)), /signature is not by a key/],
  ["zeros in DER", Buffer.from("MAYCAQACAQA=", "base64"), /signature has 8 bytes; one of ES256 has 64/],
  ["nothing", new Uint8Array(0), /has no signature/],
];

function ecSign(encoding: "der" | "ieee-p1363", key: KeyObject): string {
  const input = inputOf({ alg: "ES256" });
  return `${input}.${sign("sha256", Buffer.from(input), { key, dsaEncoding: encoding }).toString("base64url")}`;
}

describe("a server with a public key refuses", () => {
  const publicTexts = (name: KeyAlgorithm): readonly (readonly [string, string])[] => [
    ["its PEM", publicPemOf(material[name])],
    ["its PEM without a line end", publicPemOf(material[name]).trimEnd()],
    ["its PEM without lines", publicPemOf(material[name]).replace(/\n/g, "")],
    ["its JWK (CVE-2026-48526)", JSON.stringify(jwkOf(material[name]))],
  ];

  test.each(algorithms.flatMap((name) => publicTexts(name).map(([form, text]) => [name, form, text] as const)))(
    "of %s a token whose HMAC has %s as secret",
    async (name, _form, secret) => {
      const { verifier } = settingsOf(servers[name]);
      for (const [alg, hash] of [
        ["HS256", "sha256"],
        ["HS384", "sha384"],
        ["HS512", "sha512"],
      ] as const) {
        const reason = `the token's algorithm is "${alg}"; this server takes ${name} alone`;
        expect(await refusal(verifier, withHmac(secret, hash, { alg }))).toBe(reason);
      }
      expect(await refusal(verifier, withHmac(secret, "sha256", { alg: name }))).toMatch(
        /signature (is not by|has 32 bytes)/,
      );
    },
  );

  test.each(algorithms)("of %s a token that is not signed", async (name) => {
    const { verifier } = settingsOf(servers[name]);
    expect(await refusal(verifier, withSignature({ alg: "none" }, new Uint8Array(0)))).toMatch(/is not signed/);
    expect(await refusal(verifier, withSignature({ alg: name }, new Uint8Array(0)))).toBe("the token has no signature");
  });

  test.each(algorithms)("of %s a token by another key, also when it brings that", async (name) => {
    const { verifier } = settingsOf(servers[name]);
    const attacker = materialFor(name);
    const { signing } = await loadPrivate(folder, name, attacker);
    for (const header of [
      { jwk: jwkOf(attacker) },
      { jku: "http://127.0.0.1:1/" },
      { x5u: "http://127.0.0.1:1/" },
      { x5c: ["AAAA"] },
    ]) {
      const token = await new SignJWT(claims).setProtectedHeader({ alg: name, ...header }).sign(signing.key);
      expect(await refusal(verifier, token)).toBe(
        `the token's signature is not by a key of this server (the token brings its own key in "${Object.keys(header)[0]}", which is never used)`,
      );
    }
    const plain = await new SignJWT(claims)
      .setProtectedHeader({ alg: name, kid: servers[name].signing.kid ?? "" })
      .sign(signing.key);
    expect(await refusal(verifier, plain)).toMatch(/signature is not by a key of this server \(it names the key "/);
  });

  test.each(algorithms.flatMap((from) => algorithms.filter((to) => to !== from).map((to) => [to, from] as const)))(
    "of %s a token of %s, under both names",
    async (to, from) => {
      const { verifier } = settingsOf(servers[to]);
      const token = await new SignJWT(claims).setProtectedHeader({ alg: from }).sign(servers[from].signing.key);
      expect(await refusal(verifier, token)).toBe(`the token's algorithm is "${from}"; this server takes ${to} alone`);
      const signature = Buffer.from(token.split(".")[2] ?? "", "base64url");
      expect(await refusal(verifier, withSignature({ alg: to }, signature))).toMatch(
        /signature (is not by|has 256 bytes)/,
      );
    },
  );

  test.each(psychic)("a signature by ES256 of %s", async (_name, signature, reason) => {
    expect(await refusal(settingsOf(servers.ES256).verifier, withSignature({ alg: "ES256" }, signature))).toMatch(
      reason,
    );
  });

  test("a signature by ES256 in DER, and takes the same in the form of RFC 7518", async () => {
    const { verifier } = settingsOf(servers.ES256);
    const { privateKey } = material.ES256;
    expect(await createTokenVerifier(verifier, () => now)(ecSign("ieee-p1363", privateKey))).toMatchObject({
      subject: "root",
    });
    expect(await refusal(verifier, ecSign("der", privateKey))).toMatch(/signature has \d+ bytes; one of ES256 has 64/);
  });

  test("a signature by another curve", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    expect(await refusal(settingsOf(servers.ES256).verifier, ecSign("ieee-p1363", privateKey))).toMatch(/has 96 bytes/);
  });

  test.each(["sha1", "sha384", "sha512"])("an RSA signature with %s under RS256", async (hash) => {
    const input = inputOf({ alg: "RS256" });
    const token = `${input}.${createSign(hash).update(input).sign(rsa.privateKey, "base64url")}`;
    expect(await refusal(settingsOf(servers.RS256).verifier, token)).toMatch(/signature is not by a key/);
  });

  test.each([1, 255, 257, 512])("an RSA signature of %d bytes", async (length) => {
    const token = withSignature({ alg: "RS256" }, new Uint8Array(length).fill(1));
    expect(await refusal(settingsOf(servers.RS256).verifier, token)).toMatch(/signature is not by a key/);
  });

  test.each(["Ed25519", "Ed448", "ES256K", "RS512", "eddsa"])("the algorithm %s for EdDSA", async (alg) => {
    const input = inputOf({ alg });
    const token = `${input}.${sign(null, Buffer.from(input), material.EdDSA.privateKey).toString("base64url")}`;
    expect(await refusal(settingsOf(servers.EdDSA).verifier, token)).toBe(
      `the token's algorithm is "${alg}"; this server takes EdDSA alone`,
    );
  });
});
