import { showPath } from "./problems.ts";
import { leastSecretBytes } from "./schema/jwt.ts";
import { type ProviderEntry, type ProviderType, providerTypes } from "./schema/provider.ts";
import type { Configuration } from "./schema.ts";

/** Two keys that don't go together, or one that lacks another. */
export interface Contradiction {
  /** The key to look at. */
  path: readonly string[];
  text: string;
  /** The keys that do not go together: where one of them is wrong by itself, this is no news. */
  about: readonly (readonly string[])[];
}

type Path = readonly string[];

const contradiction = (path: Path, text: string, about: readonly Path[] = [path]): Contradiction => ({
  path,
  text,
  about,
});

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

/** The type of a provider: what its entry says, or its name. */
export function typeOfProvider(name: string, entry: ProviderEntry): ProviderType | undefined {
  return entry.type ?? providerTypes.find((candidate) => candidate === name);
}

function misplaced(name: string, type: ProviderType, entry: ProviderEntry): Contradiction[] {
  const { delay_ms, chunk_delay_ms, failure, fail_after_chunks, structured_outputs, ...usual } = entry;
  const own = type === "echo" ? usual : { delay_ms, chunk_delay_ms, failure, fail_after_chunks };
  const compatible = type === "openai-compatible" ? {} : { structured_outputs };
  return Object.entries({ ...own, ...compatible })
    .filter(([key, value]) => key !== "type" && value !== undefined && value !== null)
    .map(([key]) =>
      contradiction(
        ["providers", name, key],
        `${showPath(["providers", name, key])} has no meaning for a provider of type ${type}: remove it, or mend the type`,
        [
          ["providers", name, key],
          ["providers", name, "type"],
        ],
      ),
    );
}

function providerEntry(name: string, entry: ProviderEntry): Contradiction[] {
  const type = typeOfProvider(name, entry);
  const path = ["providers", name];
  if (!type) {
    const text = `${showPath(path)} has no type, and its name is none of ${providerTypes.join(", ")}: add type: openai-compatible and base_url, or mend its name`;
    return [contradiction(path, text, [[...path, "type"]])];
  }
  const problems = misplaced(name, type, entry);
  if (type === "openai-compatible" && !entry.base_url) {
    const text = `${showPath(path)} has no base_url: set it to the address of its API, such as http://127.0.0.1:8080/v1`;
    problems.push(
      contradiction(
        path,
        text,
        ["type", "base_url"].map((key) => [...path, key]),
      ),
    );
  }
  return problems;
}

function aliasCircles(aliases: Configuration["model_aliases"]): Contradiction[] {
  const circular = new Set<string>();
  const seen = new Set<string>();
  for (const alias of Object.keys(aliases)) {
    const trail: string[] = [];
    let name: string | undefined = alias;
    while (name !== undefined && !seen.has(name)) {
      seen.add(name);
      trail.push(name);
      name = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    }
    const start = name === undefined ? -1 : trail.indexOf(name);
    for (const each of start < 0 ? [] : trail.slice(start)) circular.add(each);
  }
  return [...circular].map((alias) => {
    const path = ["model_aliases", alias];
    return contradiction(path, `${showPath(path)} leads back to itself: let one name a model`);
  });
}

/** What is wrong with a configuration whose values are right each by itself. */
export function findContradictions(configuration: Configuration): Contradiction[] {
  return [
    ...certificateFiles(configuration),
    ...tokenKeys(configuration),
    ...shortSecret(configuration),
    ...Object.entries(configuration.providers).flatMap(([name, entry]) => providerEntry(name, entry ?? {})),
    ...aliasCircles(configuration.model_aliases),
  ];
}
