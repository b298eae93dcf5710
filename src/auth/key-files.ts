import { createPrivateKey, type KeyObject } from "node:crypto";
import { type CryptoKey, importJWK, type JWK } from "jose";
import { ConfigurationError } from "../errors.ts";
import type { KeyAlgorithm } from "./algorithms.ts";
import { describeKey, fits, importPublicKey, neededKey, type PublicKey } from "./key-fit.ts";
import { fixedKeys, type SigningKey, type VerificationKeys } from "./keys.ts";
import { describeNamed, type NamedFile, readNamedFile } from "./named-file.ts";
import { readPublicFile } from "./public-key-file.ts";
import { shown } from "./shown-text.ts";

/** The files of keys. */
export interface KeyFileOptions {
  algorithm: KeyAlgorithm;
  /** Signs tokens, and checks them where there is no public key. */
  privateKeyFile?: NamedFile | undefined;
  /** Checks tokens: one public key, or a JWK Set. */
  publicKeyFile?: NamedFile | undefined;
  /** Whether a private key that other users can read is used, with a warning. */
  allowLoosePermissions?: boolean | undefined;
}

/** What the files hold. */
export interface LoadedKeys {
  /** Undefined where there is no private key: such a server can only check tokens. */
  signing: SigningKey | undefined;
  /** Undefined where there is neither key. */
  verification: VerificationKeys | undefined;
  /** What the operator should know, each a sentence. */
  warnings: readonly string[];
}

interface PrivateKey {
  key: CryptoKey;
  publicKey: PublicKey;
  warnings: readonly string[];
}

const largestKeyFile = 64 * 1024;

/** Commands that make a key, by algorithm. */
const makeKey: Readonly<Record<KeyAlgorithm, string>> = {
  RS256: "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out FILE",
  PS256: "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out FILE",
  ES256: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE",
  EdDSA: "openssl genpkey -algorithm ED25519 -out FILE",
};

function checkExposure(named: NamedFile, mode: number, allowed: boolean | undefined): string[] {
  if ((mode & 0o077) === 0) return [];
  const found = `${named.file} holds a private key and has mode ${mode.toString(8)}: other users can get at it`;
  if (allowed) return [`${found}: chmod 600 ${named.file}`];
  throw new ConfigurationError(found, {
    hint: `chmod 600 ${named.file}; where its mode can't be changed, --allow-loose-permissions takes it with a warning.`,
  });
}

/** The one private key of a PEM file: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017) or SEC 1 (RFC 5915). */
function privateKeyOf(text: string, named: NamedFile, algorithm: KeyAlgorithm): KeyObject {
  const what = describeNamed(named);
  const hint = `Make one: ${makeKey[algorithm]}`;
  const labels = [...text.matchAll(/^-----BEGIN ([^-]*)-----/gm)].map(([, label = ""]) => label);
  const keys = labels.filter((label) => label.endsWith("PRIVATE KEY"));
  const [label] = keys;
  if (label === undefined) {
    const found = labels[0] === undefined ? "no PEM" : shown(labels[0]);
    throw new ConfigurationError(`${what} holds ${found}, not a private key`, { hint });
  }
  if (keys.length > 1)
    throw new ConfigurationError(`${what} holds ${keys.length} private keys`, { hint: "Leave one." });
  if (label.startsWith("OPENSSH")) throw new ConfigurationError(`${what} holds a private key for SSH`, { hint });
  if (label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type:.*ENCRYPTED/m.test(text)) {
    throw new ConfigurationError(`${what} holds an encrypted private key, which this server can't use for tokens`, {
      hint: `Decrypt it into a file that only this user can read: openssl pkey -in ${named.file} -out FILE`,
    });
  }
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const needed = `${algorithm} needs ${neededKey[algorithm]}`;
    throw new ConfigurationError(`${what} holds a private key that is damaged or of an unknown kind; ${needed}`, {
      hint,
      cause,
    });
  }
}

function withoutSecrets({ kty, crv, x, y, n, e }: JWK): JWK {
  return Object.fromEntries(Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined));
}

async function readPrivateKey(named: NamedFile, options: KeyFileOptions): Promise<PrivateKey> {
  const { algorithm } = options;
  const hint = `Name a file with a private key in PEM. Make one: ${makeKey[algorithm]}`;
  const { bytes, mode } = await readNamedFile(named, largestKeyFile, hint);
  const object = privateKeyOf(new TextDecoder().decode(bytes), named, algorithm);
  const jwk = object.export({ format: "jwk" }) as JWK;
  const unfit = !fits({ ...jwk }, algorithm);
  if (unfit) {
    const found = `${describeNamed(named)} holds ${describeKey({ ...jwk })}`;
    throw new ConfigurationError(`${found}; ${algorithm} needs ${neededKey[algorithm]}`, {
      hint: `Make one, or set the algorithm that fits it: ${makeKey[algorithm]}`,
    });
  }
  const warnings = checkExposure(named, mode, options.allowLoosePermissions);
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("a private key became a secret");
  return { key, publicKey: await importPublicKey(withoutSecrets(jwk), algorithm), warnings };
}

/**
 * Reads the keys of an algorithm that signs with a private key. Tokens of that key name it by its thumbprint (RFC 7638), or
 * as the JWK Set does that it is in.
 *
 * @throws ConfigurationError when a file holds something else than the algorithm needs, a private key can be read by
 * others, or the two are no pair.
 * @throws FileError when a file can't be read.
 */
export async function loadKeyFiles(options: KeyFileOptions): Promise<LoadedKeys> {
  const { algorithm, privateKeyFile, publicKeyFile } = options;
  const own = privateKeyFile && (await readPrivateKey(privateKeyFile, options));
  const loaded = publicKeyFile && (await readPublicFile(publicKeyFile, algorithm));
  const warnings = own?.warnings ?? [];
  if (!own) return { signing: undefined, verification: loaded?.verification, warnings };
  const { key, publicKey } = own;
  const pair = loaded ? loaded.keys.find(({ thumbprint }) => thumbprint === publicKey.thumbprint) : publicKey;
  if (!pair) {
    throw new ConfigurationError(
      `${publicKeyFile?.file} does not hold the public key of ${privateKeyFile.file}: tokens that one signs, the other refuses`,
      { hint: `Leave ${publicKeyFile?.source ?? "the public key"} out: the private key holds the public one.` },
    );
  }
  const verification = loaded?.verification ?? fixedKeys(algorithm, [{ key: publicKey.key, until: undefined }]);
  return { signing: { algorithm, key, kid: pair.jwk.kid }, verification, warnings };
}
