import { join } from "node:path";
import { SignJWT } from "jose";
import type { SigningKey } from "../../../src/auth/keys.ts";
import { RemoteKeys, type RemoteKeysOptions } from "../../../src/auth/remote-keys.ts";
import { createTokenVerifier } from "../../../src/auth/token-verifier.ts";
import { messageOf } from "../../../src/errors.ts";
import { temporaryFolder, temporaryFolders } from "../../temporary-folder.ts";
import { jwkOf, loadPrivate, materialFor } from "./key-material.ts";
import type { KeyServer } from "./key-server.ts";
import { now, seconds, settings } from "./verifiers.ts";

export const minute = 60;
export const day = 24 * 60 * minute;

/** Waits for what happens in the background. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(1);
}

/** What an issuer answers that is out of order. */
export const brokenDown = () => new Response("down", { status: 503 });

/** Signs a token with a key of the issuer. */
export function sign(key: SigningKey, kid?: string, claims: object = {}): Promise<string> {
  return new SignJWT({ iss: settings.issuer, sub: "alice", exp: seconds + 90 * day, ...claims })
    .setProtectedHeader({ alg: "ES256", ...(kid === undefined ? {} : { kid }) })
    .sign(key.key);
}

/** An issuer with two keys, for one test file. */
export async function makeIssuer() {
  const folder = temporaryFolder();
  const [first, second] = [materialFor("ES256"), materialFor("ES256")];
  const keys = {
    first: (await loadPrivate(folder, "ES256", first)).signing,
    second: (await loadPrivate(folder, "ES256", second)).signing,
  };
  return {
    keys,
    firstPrivate: first.privateKey.export({ format: "jwk" }),
    firstJwk: jwkOf(first, { kid: "first", use: "sig", alg: "ES256" }),
    secondJwk: jwkOf(second, { kid: "second" }),
    byFirst: await sign(keys.first, "first"),
    bySecond: await sign(keys.second, "second"),
  };
}

/**
 * For one test file.
 *
 * @returns A function that makes a verifier whose keys are at a server, and its clock.
 */
export function remoteVerifiers() {
  const freshFolder = temporaryFolders();
  return async (server: KeyServer, overrides: Partial<RemoteKeysOptions> = {}) => {
    const problems: string[] = [];
    const time = { now };
    const options: RemoteKeysOptions = {
      url: server.url,
      source: "jwt.jwks_url",
      algorithm: "ES256",
      cacheFile: join(freshFolder(), "jwks.json"),
      onProblem: (error) => problems.push(messageOf(error)),
      ...overrides,
    };
    const remote = await RemoteKeys.open(options, now);
    const verify = createTokenVerifier({ ...settings, keys: remote }, () => time.now);
    return { server, remote, verify, problems, time, options };
  };
}
