import { type Contradiction, contradiction } from "./consistency/contradiction.ts";
import { modelNameContradictions } from "./consistency/model-names.ts";
import { providerContradictions } from "./consistency/provider-entry.ts";
import { leastSecretBytes } from "./schema/jwt.ts";
import type { Configuration } from "./schema.ts";

function certificateFiles({ server, tls }: Configuration): Contradiction[] {
  const { cert_file: cert, key_file: key } = server;
  const { client_ca_file: ca, client_crl_file: crl, client_auth: auth } = tls;
  const result: Contradiction[] = [];
  const pair = ["cert_file", "key_file"].map((name) => ["server", name]);
  const client = ["client_ca_file", "client_crl_file", "client_auth"].map((name) => ["tls", name]);
  if (!cert !== !key) {
    const [given, missing] = cert ? ["cert_file", "key_file"] : ["key_file", "cert_file"];
    result.push(
      contradiction(
        ["server", given],
        `server.${given} is set, but server.${missing} is not: set both, or neither for a certificate that this server makes itself`,
        pair,
      ),
    );
  }
  const asks = auth === "request" || auth === "require";
  if (!ca && (asks || (crl && auth !== "none"))) {
    const [name, what] = asks ? ["client_auth", `is ${auth}`] : ["client_crl_file", "is set"];
    result.push(
      contradiction(
        ["tls", name],
        `tls.${name} ${what}, but tls.client_ca_file is not set: name the file with the CAs that issue the clients' certificates (--client-ca)`,
        client,
      ),
    );
  }
  return result;
}

const loopbackHost = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function tokenKeys({ jwt }: Configuration): Contradiction[] {
  const { algorithm, jwks_url: jwks } = jwt;
  const keys = ["private_key_file", "public_key_file", "jwks_url"] as const;
  const about = ["algorithm", ...keys].map((name) => ["jwt", name]);
  const given = keys.filter((name) => jwt[name]);
  const [first] = given;
  if (algorithm.startsWith("HS")) {
    if (!first) return [];
    const text = `jwt.${first} has no meaning with jwt.algorithm ${algorithm}: set that to RS256, PS256, ES256 or EdDSA`;
    return [contradiction(["jwt", first], text, about)];
  }
  if (!first) {
    const text = `jwt.algorithm ${algorithm} needs a key: set jwt.private_key_file to issue tokens, jwt.public_key_file or jwt.jwks_url to check those of another issuer`;
    return [contradiction(["jwt", "algorithm"], text, about)];
  }
  if (jwks && given.length > 1) {
    const other = given.find((name) => name !== "jwks_url");
    return [contradiction(["jwt", "jwks_url"], `jwt.jwks_url and jwt.${other} are both set: keep one of them`, about)];
  }
  const url = jwks ? URL.parse(jwks) : undefined;
  if (url?.protocol === "http:" && !loopbackHost.test(url.hostname)) {
    const text =
      "jwt.jwks_url is an http address of another machine, where anybody on the way could put in a key of theirs: use https";
    return [contradiction(["jwt", "jwks_url"], text)];
  }
  return [];
}

/** Where no call needs a token, a short secret does no harm; one in a file is measured where that is read. */
function shortSecret({ server, jwt }: Configuration): Contradiction[] {
  const { secret_key: secret, algorithm } = jwt;
  const least = leastSecretBytes[algorithm];
  const bytes = Buffer.byteLength(secret ?? "");
  if (!server.require_auth || !secret || least === undefined || bytes >= least) return [];
  const text = `jwt.secret_key has ${bytes} bytes, but jwt.algorithm ${algorithm} needs at least ${least} (RFC 7518, section 3.2): make one with vibectl-server generate-secret`;
  const about = ["secret_key", "algorithm"].map((name) => ["jwt", name]);
  return [contradiction(["jwt", "secret_key"], text, about)];
}

/** What is wrong with a configuration whose values are right each by itself. */
export function findContradictions(configuration: Configuration): Contradiction[] {
  return [
    ...certificateFiles(configuration),
    ...tokenKeys(configuration),
    ...shortSecret(configuration),
    ...Object.entries(configuration.providers).flatMap(([name, entry]) => providerContradictions(name, entry ?? {})),
    ...modelNameContradictions(configuration),
  ];
}
