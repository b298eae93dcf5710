import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { calculateJwkThumbprint } from "jose";
import type { KeyAlgorithm } from "../../../src/auth/algorithms.ts";
import { type KeyFileOptions, loadKeyFiles } from "../../../src/auth/key-files.ts";
import { issueToken } from "../../../src/auth/token-issuer.ts";
import { createTokenVerifier } from "../../../src/auth/token-verifier.ts";
import { ConfigurationError, FileError, type VibectlError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { jwkOf, type Material, materialFor, pairOf, pemOf, publicPemOf, write } from "./key-material.ts";
import { now, refusal, settings, settingsOf } from "./verifiers.ts";

const folder = temporaryFolder();
const algorithms: readonly KeyAlgorithm[] = ["RS256", "PS256", "ES256", "EdDSA"];
let count = 0;
const file = (text: string, mode?: number) => write(folder, `key-${count++}`, text, mode);
const privateFile = (text: string, mode?: number) => ({ file: file(text, mode), source: "jwt.private_key_file" });
const publicFile = (text: string) => ({ file: file(text, 0o644), source: "jwt.public_key_file" });

const rsa = materialFor("RS256");
const ec = materialFor("ES256");
const ed = materialFor("EdDSA");
const otherRsa = materialFor("RS256");
const smallRsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
const p384: Material = generateKeyPairSync("ec", { namedCurve: "P-384" });
const x25519 = generateKeyPairSync("x25519");

/** A certificate of a key, as openssl makes it. */
function certificateOf(material: Material): string {
  const key = file(pemOf(material));
  const command = ["openssl", "req", "-x509", "-key", key, "-subj", "/CN=issuer", "-days", "1"];
  const { stdout, exitCode } = Bun.spawnSync(command, { stderr: "ignore" });
  expect(exitCode).toBe(0);
  return stdout.toString();
}

async function failureOf(options: KeyFileOptions): Promise<VibectlError> {
  const error = await loadKeyFiles(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigurationError) && !(error instanceof FileError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  expect(error.message).not.toMatch(/MII|MC4C/);
  return error;
}

/** Issues a token with a private key, and checks it with what is in a file of public ones. */
async function passes(algorithm: KeyAlgorithm, material: Material, publicText: string): Promise<boolean> {
  const { signer } = settingsOf(
    pairOf(await loadKeyFiles({ algorithm, privateKeyFile: privateFile(pemOf(material)) })),
  );
  const { verification: keys } = await loadKeyFiles({ algorithm, publicKeyFile: publicFile(publicText) });
  if (!keys) throw new Error("no key");
  const { token } = await issueToken({ subject: "a", lifetimeSeconds: 60 }, signer, now);
  return (await createTokenVerifier({ ...settings, keys }, () => now)(token)).subject === "a";
}

describe("a private key", () => {
  test.each(algorithms)("of %s signs and checks tokens, and is named by its thumbprint", async (algorithm) => {
    const material = materialFor(algorithm);
    const loaded = await loadKeyFiles({ algorithm, privateKeyFile: privateFile(pemOf(material)) });
    const { signer, verifier } = settingsOf(pairOf(loaded));
    const { token } = await issueToken({ subject: "a", lifetimeSeconds: 60 }, signer, now);
    expect(await createTokenVerifier(verifier, () => now)(token)).toMatchObject({ subject: "a" });
    expect(signer.key.kid).toBe(await calculateJwkThumbprint(jwkOf(material)));
    expect(loaded.warnings).toEqual([]);
  });

  test.each([
    ["PKCS#1", "RS256", pemOf(rsa, "pkcs1")],
    ["SEC 1", "ES256", pemOf(ec, "sec1")],
    [
      "SEC 1 after its parameters",
      "ES256",
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${pemOf(ec, "sec1")}`,
    ],
    ["PKCS#8 with text before it", "EdDSA", `Bag Attributes\n  friendlyName: key\n${pemOf(ed)}`],
  ] as const)("in %s is read", async (_name, algorithm, text) => {
    expect((await loadKeyFiles({ algorithm, privateKeyFile: privateFile(text) })).signing?.algorithm).toBe(algorithm);
  });

  const encrypted = ed.privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" });
  const legacy =
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----";
  const cases: readonly (readonly [string, KeyAlgorithm, string, RegExp])[] = [
    [
      "is too small",
      "RS256",
      pemOf(smallRsa),
      /holds an RSA key of 1024 bits; RS256 needs an RSA key of at least 2048 bits/,
    ],
    ["is too small for PSS", "PS256", pemOf(smallRsa), /RSA key of 1024 bits; PS256 needs/],
    [
      "is on another curve",
      "ES256",
      pemOf(p384),
      /holds an EC key on the curve P-384; ES256 needs an EC key on the curve P-256/,
    ],
    ["is of EC for RSA", "RS256", pemOf(ec), /holds an EC key on the curve P-256; RS256 needs an RSA key/],
    ["is of RSA for EC", "ES256", pemOf(rsa), /holds an RSA key of 2048 bits; ES256 needs/],
    ["is of RSA for EdDSA", "EdDSA", pemOf(rsa), /holds an RSA key of 2048 bits; EdDSA needs an Ed25519 key/],
    ["is of Ed25519 for EC", "ES256", pemOf(ed), /holds an Ed25519 key; ES256 needs/],
    ["is for key agreement", "EdDSA", pemOf(x25519), /holds an X25519 key; EdDSA needs/],
    ["is encrypted", "EdDSA", encrypted.toString(), /holds an encrypted private key/],
    ["is encrypted in the old way", "RS256", legacy, /holds an encrypted private key/],
    ["is public", "RS256", publicPemOf(rsa), /holds "PUBLIC KEY", not a private key/],
    ["is a certificate", "RS256", certificateOf(rsa), /holds "CERTIFICATE", not a private key/],
    ["is no PEM", "RS256", "secret", /holds no PEM, not a private key/],
    ["is one of two", "RS256", pemOf(rsa) + pemOf(ec), /holds 2 private keys/],
    ["is for SSH", "EdDSA", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----", /for SSH/],
    ["is damaged", "EdDSA", pemOf(ed).replace(/MC4C/, "MC4D"), /damaged or of an unknown kind; EdDSA needs/],
  ];
  test.each(cases)("that %s is refused", async (_name, algorithm, text, message) => {
    const error = await failureOf({ algorithm, privateKeyFile: privateFile(text) });
    expect(error.message).toMatch(message);
    expect(error.message).toStartWith("jwt.private_key_file names ");
  });

  test.each([0o640, 0o644, 0o660, 0o604])(
    "that has mode %o is refused, or used with a warning where that is allowed",
    async (mode) => {
      const privateKeyFile = privateFile(pemOf(ed), mode);
      const error = await failureOf({ algorithm: "EdDSA", privateKeyFile });
      expect(error.message).toContain(`has mode ${mode.toString(8)}: other users can get at it`);
      expect(error.hint).toStartWith(`chmod 600 ${privateKeyFile.file};`);
      const loaded = await loadKeyFiles({ algorithm: "EdDSA", privateKeyFile, allowLoosePermissions: true });
      expect(loaded.warnings).toHaveLength(1);
    },
  );

  test("that is a folder, or is not there, is refused", async () => {
    const named = (path: string) => ({ algorithm: "EdDSA", privateKeyFile: { file: path, source: "x" } }) as const;
    expect((await failureOf(named(folder))).message).toMatch(/is a folder/);
    expect((await failureOf(named(join(folder, "none")))).message).toMatch(/does not exist/);
  });
});

describe("public keys", () => {
  test.each(algorithms)("of %s check tokens in each form", async (algorithm) => {
    const material = materialFor(algorithm);
    const texts = [
      publicPemOf(material),
      certificateOf(material),
      JSON.stringify(jwkOf(material)),
      JSON.stringify({ keys: [jwkOf(material), jwkOf(p384, { kid: "x" })] }, undefined, 2),
    ];
    if (algorithm === "RS256") texts.push(publicPemOf(material, "pkcs1"));
    for (const text of texts) {
      expect(await passes(algorithm, material, text)).toBe(true);
    }
  });

  test("decide the name of the private key that belongs to one of them", async () => {
    const set = JSON.stringify({ keys: [jwkOf(otherRsa, { kid: "other" }), jwkOf(rsa, { kid: "2026-06" })] });
    const loaded = await loadKeyFiles({
      algorithm: "RS256",
      privateKeyFile: privateFile(pemOf(rsa)),
      publicKeyFile: publicFile(set),
    });
    const { signer, verifier } = settingsOf(pairOf(loaded));
    expect(signer.key.kid).toBe("2026-06");
    const { token } = await issueToken({ subject: "a", lifetimeSeconds: 60 }, signer, now);
    expect(await createTokenVerifier(verifier, () => now)(token)).toMatchObject({ subject: "a" });
    const unknown = { ...signer, key: { ...signer.key, kid: "2025-01" } };
    const named = await issueToken({ subject: "a", lifetimeSeconds: 60 }, unknown, now);
    expect(await refusal(verifier, named.token)).toBe(
      'no key is known that can have signed the token (it names the key "2025-01")',
    );
  });

  test("that are no pair with the private key are refused", async () => {
    const publicKeyFile = publicFile(publicPemOf(otherRsa));
    const error = await failureOf({ algorithm: "RS256", privateKeyFile: privateFile(pemOf(rsa)), publicKeyFile });
    expect(error.message).toMatch(/does not hold the public key of .*: tokens that one signs, the other refuses/);
  });

  test("alone check tokens and issue none", async () => {
    const loaded = await loadKeyFiles({ algorithm: "RS256", publicKeyFile: publicFile(publicPemOf(rsa)) });
    expect(loaded.signing).toBeUndefined();
    expect(loaded.verification?.algorithm).toBe("RS256");
  });

  const oct = { kty: "oct", k: "c2VjcmV0", kid: "s" };
  const set = (...keys: readonly unknown[]) => JSON.stringify({ keys });
  const cases: readonly (readonly [string, KeyAlgorithm, string, RegExp])[] = [
    ["a private key", "RS256", pemOf(rsa), /holds a private key where a public one is meant/],
    ["a private key for SSH", "EdDSA", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA", /holds a private key where/],
    ["a private JWK", "ES256", JSON.stringify(ec.privateKey.export({ format: "jwk" })), /holds a private key where/],
    ["a private key in a set", "ES256", set(ec.privateKey.export({ format: "jwk" })), /holds a private key$/],
    ["a secret", "RS256", JSON.stringify(oct), /holds a secret; RS256 needs/],
    ["a set with only a secret", "RS256", set(oct), /holds no key for RS256, .*: it holds a secret$/],
    ["an empty set", "RS256", set(), /holds no key for RS256, .*: it is empty/],
    [
      "a set with keys for others",
      "RS256",
      set(jwkOf(ec), jwkOf(ec), jwkOf(smallRsa)),
      /it holds an EC key on the curve P-256, an RSA key of 1024 bits/,
    ],
    ["a set of keys that encrypt", "RS256", set(jwkOf(rsa, { use: "enc" })), /holds no key for RS256/],
    ["a set of keys that sign", "RS256", set(jwkOf(rsa, { key_ops: ["sign"] })), /holds no key for RS256/],
    ["a set of keys of another algorithm", "RS256", set(jwkOf(rsa, { alg: "RS512" })), /holds no key for RS256/],
    ["a set with a key off the curve", "ES256", set({ ...jwkOf(ec), y: "A".repeat(43) }), /holds no key for ES256/],
    ["a set of keys with wrong names", "RS256", set(jwkOf(rsa, { kid: 1 })), /holds no key for RS256/],
    ["a set with something else", "RS256", set("x"), /holds something that is no key/],
    ["a set of 101 keys", "RS256", set(...Array.from({ length: 101 }, () => ({}))), /holds 101 keys; 100 are allowed/],
    ["a key of an unknown kind", "RS256", set({ kty: "LWE" }), /a key of the unknown kind "LWE"/],
    ["JSON without keys", "RS256", "{}", /has no list "keys"/],
    ["torn JSON", "RS256", '{"keys":[', /is not valid JSON/],
    ["a small key", "RS256", publicPemOf(smallRsa), /holds an RSA key of 1024 bits; RS256 needs/],
    ["a small key in a certificate", "RS256", certificateOf(smallRsa), /holds an RSA key of 1024 bits; RS256 needs/],
    ["a key of another curve", "ES256", publicPemOf(p384), /holds an EC key on the curve P-384; ES256 needs/],
    [
      "a JWK of another curve",
      "EdDSA",
      JSON.stringify({ ...jwkOf(ed), crv: "Ed448" }),
      /holds an Ed448 key; EdDSA needs/,
    ],
    ["a damaged JWK", "ES256", JSON.stringify({ ...jwkOf(ec), y: "AAAA" }), /holds a damaged key/],
    [
      "a damaged key",
      "RS256",
      publicPemOf(rsa).replace("MIIB", "MIIC"),
      /holds a key that is damaged or of an unknown kind/,
    ],
    [
      "a damaged certificate",
      "RS256",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      /holds a certificate that is damaged/,
    ],
    ["two keys", "RS256", publicPemOf(rsa) + publicPemOf(otherRsa), /holds 2 keys or certificates; which one is meant/],
    [
      "a request",
      "RS256",
      "-----BEGIN CERTIFICATE REQUEST-----\nAAAA",
      /holds "CERTIFICATE REQUEST", not a public key/,
    ],
    ["a key for SSH", "EdDSA", "ssh-ed25519 AAAA me@host", /holds a public key for SSH/],
    ["nothing", "RS256", " \n", /is empty/],
    ["something else", "RS256", "0\u0082", /is neither PEM nor JSON/],
  ];
  test.each(cases)("are refused where there is %s", async (_name, algorithm, text, message) => {
    const error = await failureOf({ algorithm, publicKeyFile: publicFile(text) });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toMatch(message);
    expect(error.message).toStartWith("jwt.public_key_file names ");
  });

  test("are used where others in their set can't be", async () => {
    const text = set(oct, jwkOf(smallRsa), jwkOf(ec), jwkOf(rsa));
    expect(await passes("RS256", rsa, text)).toBe(true);
  });
});

test("without a file there is no key", async () => {
  expect(await loadKeyFiles({ algorithm: "RS256" })).toEqual({
    signing: undefined,
    verification: undefined,
    warnings: [],
  });
});
