import { type ConfigurationKey, keyAt } from "../../../src/config/keys.ts";
import { formatPath } from "../../../src/config/tree.ts";

/** Values of keys that do not take just anything, as text and as it is read; none is the default. */
const particular: Readonly<Record<string, readonly [text: string, value: unknown]>> = {
  "server.log_level": ["debug", "debug"],
  "server.log_format": ["json", "json"],
  "server.max_request_bytes": ["2048", 2048],
  "server.limits.per_token": ["{ci: {max_input_length: 5}}", { ci: { max_input_length: 5 } }],
  "tls.min_version": ["1.2", "1.2"],
  "tls.client_auth": ["none", "none"],
  "jwt.algorithm": ["HS512", "HS512"],
  "jwt.jwks_url": ["https://a.example/jwks", "https://a.example/jwks"],
  providers: ["{echo: {delay_ms: 5}}", { echo: { delay_ms: 5 } }],
  model_aliases: ["{fast: echo}", { fast: "echo" }],
  model_routes: ["{fast: [a, {model: b, weight: 2}]}", { fast: ["a", { model: "b", weight: 2 }] }],
  model_fallbacks: ["{fast: [a]}", { fast: ["a"] }],
};

/** A value for a key that nothing else sets: as text, and as it is read. */
export function goodValueOf(key: ConfigurationKey): readonly [text: string, value: unknown] {
  const own = particular[formatPath(key.path)];
  if (own) return own;
  if (key.kind === "boolean") return [String(!key.default), !key.default];
  if (key.kind === "number") return ["7", 7];
  if (key.kind === "list") return ["a, b", ["a", "b"]];
  return ["/some/text", "/some/text"];
}

/** Variables without which a key has no meaning. */
export function companionsOf({ path }: ConfigurationKey): Record<string, string> {
  const name = path.at(-1) ?? "";
  if (keyAt(path)?.path[0] === "tls" && /^client_(crl|auth)/.test(name)) return { VIBECTL_TLS_CLIENT_CA_FILE: "a" };
  if (/^(private_key_file|public_key_file|jwks_url)$/.test(name)) return { VIBECTL_JWT_ALGORITHM: "RS256" };
  if (name === "cert_file") return { VIBECTL_TLS_KEY_FILE: "k" };
  return name === "key_file" ? { VIBECTL_TLS_CERT_FILE: "c" } : {};
}
