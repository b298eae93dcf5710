import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { checkTokenKeys } from "../../../../src/server/doctor/token-keys.ts";
import { startUpstream } from "../../../integration/providers/scripted-upstream.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const on = { require_auth: true };
const secret = "c".repeat(48);
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

describe("the secret", () => {
  test("may be made later, and is not made now", async () => {
    const { context, paths } = makeHome({ configuration: { server: on } });
    expect(told(await checkTokenKeys(await context()))).toEqual([
      `ok: no secret yet: one is made at the first start that needs it, in ${paths.jwtSecret}`,
    ]);
    expect(existsSync(paths.jwtSecret)).toBe(false);
  });

  test.if(process.platform === "linux")("fails where none is there and none can be made", async () => {
    const { context, paths } = makeHome({ environment: { HOME: "/proc/vibectl" } });
    const unwritable = await context();
    unwritable.loaded.configuration.server.require_auth = true;
    const [text] = told(await checkTokenKeys(unwritable));
    expect(text).toStartWith(`failed: there is no secret, and none can be made in ${paths.home}\n`);
    expect(text).toContain("VIBECTL_JWT_SECRET_FILE");
  });

  test("is told by its source and its length", async () => {
    const environment = { VIBECTL_JWT_SECRET: secret };
    const { context } = makeHome({ configuration: { server: on }, environment });
    const texts = told(await checkTokenKeys(await context()));
    expect(texts).toEqual(["ok: secret from VIBECTL_JWT_SECRET, of 48 bytes, for HS256"]);
  });

  test("is told with the one before it, and until when that counts", async () => {
    const files = { "jwt-secret": secret, "jwt-secret.previous": `${"d".repeat(48)}\nuntil 2126-12-25T10:00:00Z\n` };
    const { context, file } = makeHome({ files });
    const [text] = told(await checkTokenKeys(await context()));
    expect(text).toBe(
      `ok: secret from ${file("jwt-secret")}, of 48 bytes, for HS256\nTokens of the secret before it, from ${file("jwt-secret.previous")}, are accepted until 2126-12-25 10:00 UTC`,
    );
  });

  test("fails when it is too short", async () => {
    const { context, file } = makeHome({ files: { "jwt-secret": "short-canary" }, configuration: { server: on } });
    const [text] = told(await checkTokenKeys(await context()));
    expect(text).toStartWith(`failed: The secret from ${file("jwt-secret")} has 12 bytes; HS256 needs at least 32`);
    expect(text).toContain("generate-secret");
    expect(text).not.toContain("canary");
  });

  test("is a warning when it is too short and no call needs it", async () => {
    const { context } = makeHome({ configuration: { jwt: { secret_key: "short" } } });
    const [text] = told(await checkTokenKeys(await context()));
    expect(text).toStartWith("warning: The secret from jwt.secret_key has 5 bytes");
    expect(text).toContain("No call needs it while authentication is off");
  });

  test("is a warning when others can read its file, and fails when that is gone", async () => {
    const { context, paths } = makeHome({ files: { "jwt-secret": secret } });
    chmodSync(paths.jwtSecret, 0o644);
    const [text] = told(await checkTokenKeys(await context()));
    expect(text).toStartWith(`warning: secret from ${paths.jwtSecret}`);
    expect(text).toContain("has mode 644");
    const gone = makeHome({ configuration: { server: on, jwt: { secret_key_file: paths.configuration } } });
    const [missing] = told(await checkTokenKeys(await gone.context()));
    expect(missing).toContain("it does not exist");
    expect(missing).toStartWith("failed: ");
  });
});

describe("key files", () => {
  test("are fine when they fit", async () => {
    const { context, file } = makeHome({ files: { "token.key": pem } });
    const { loaded, ...rest } = await context();
    Object.assign(loaded.configuration.jwt, { algorithm: "EdDSA", private_key_file: file("token.key") });
    expect(told(await checkTokenKeys({ loaded, ...rest }))).toEqual([
      `ok: key from ${file("token.key")}, for EdDSA: signs and checks tokens`,
    ]);
  });

  test("fail when they are for another algorithm", async () => {
    const { file } = makeHome({ files: { "token.key": pem } });
    const jwt = { algorithm: "ES256", private_key_file: file("token.key") };
    const { context } = makeHome({ configuration: { server: on, jwt } });
    const [text] = told(await checkTokenKeys(await context()));
    expect(text).toContain("holds an Ed25519 key; ES256 needs an EC key on the curve P-256");
    expect(text).toStartWith("failed: ");
  });
});

describe("an issuer's keys", () => {
  const jwks = { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig" }] };

  test("are fetched with --online, and kept nowhere", async () => {
    await using issuer = startUpstream(() => Response.json(jwks));
    const jwt = { algorithm: "EdDSA", jwks_url: `${issuer.url}/keys?key=canary` };
    const { context, paths } = makeHome({ configuration: { server: on, jwt } });
    const [offline] = told(await checkTokenKeys(await context()));
    expect(offline).toBe(`skipped: the keys at ${issuer.url}/keys are fetched with --online only`);
    expect(issuer.received).toEqual([]);
    const online = told(await checkTokenKeys(await context({ online: true })));
    expect(online).toEqual([`ok: 1 key for EdDSA at ${issuer.url}/keys`]);
    expect(readdirSync(paths.home)).toEqual(["config.yaml"]);
  });

  test("fail when they can't be had", async () => {
    await using issuer = startUpstream(() => new Response("canary", { status: 500 }));
    const jwt = { algorithm: "EdDSA", jwks_url: `${issuer.url}/keys` };
    const { context } = makeHome({ configuration: { server: on, jwt } });
    const [text] = told(await checkTokenKeys(await context({ online: true })));
    expect(text).toStartWith(`failed: The keys at ${issuer.url}/keys can't be fetched: it answers with status 500\n`);
    expect(text).not.toContain("canary");
  });
});
