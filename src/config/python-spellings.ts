import { isDeepStrictEqual } from "node:util";
import { ConfigurationError } from "../errors.ts";
import type { ConfigurationDocument } from "./document.ts";

type Section = Record<string, unknown>;

/** Keys of the Python server's second spelling and those that replace them. */
const spellings: ReadonlyArray<readonly [old: string, current: string]> = [
  ["tls.enabled", "server.use_tls"],
  ["tls.cert_file", "server.cert_file"],
  ["tls.key_file", "server.key_file"],
  ["jwt.enabled", "server.require_auth"],
];

/** Keys of the Python server that have no meaning here. With the value `quiet` nobody needs to hear of it. */
const withoutEffect: ReadonlyArray<readonly [path: string, quiet: unknown]> = [
  ["server.max_workers", 10],
  ["jwt.expiration_hours", 24],
  ["tls.ca_bundle_file", null],
  ["tls.hsts", { enabled: false, max_age: 31536000, include_subdomains: true, preload: false }],
  [
    "acme",
    {
      enabled: false,
      email: null,
      domains: [],
      directory_url: "https://acme-v02.api.letsencrypt.org/directory",
      challenge: { type: "http-01" },
      challenge_dir: ".well-known/acme-challenge",
      auto_renew: true,
      renew_days_before_expiry: 30,
    },
  ],
];

function isSection(value: unknown): value is Section {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function take(content: Section, path: string): { found: boolean; value?: unknown } {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let section: unknown = content;
  for (const key of keys) section = isSection(section) ? section[key] : undefined;
  if (!isSection(section) || !(last in section)) return { found: false };
  const value = section[last];
  delete section[last];
  return { found: true, value };
}

function put(content: Section, path: string, value: unknown): void {
  const [section = "", key = ""] = path.split(".");
  const existing = content[section] ?? {};
  content[section] = isSection(existing) ? { ...existing, [key]: value } : existing;
}

/**
 * Rewrites what was written for the Python server into this server's own keys, in place.
 *
 * @param document - A configuration file; its content changes.
 * @returns Warnings about keys that are old or have no effect.
 * @throws ConfigurationError where a key has both spellings and they differ.
 */
export function translatePythonSpellings(document: ConfigurationDocument): string[] {
  const warnings: string[] = [];
  const { content } = document;
  for (const [path, quiet] of withoutEffect) {
    const { found, value } = take(content, path);
    if (found && value !== null && !isDeepStrictEqual(value, quiet)) {
      warnings.push(`${document.locate(path.split("."))}: ${path} has no effect in this server`);
    }
  }
  for (const [old, current] of spellings) {
    const where = document.locate(old.split("."));
    const { found, value } = take(content, old);
    if (!found) continue;
    const [section = "", key = ""] = current.split(".");
    const target = content[section];
    const present = isSection(target) ? target[key] : undefined;
    if (present !== undefined && present !== null && value !== null && present !== value) {
      throw new ConfigurationError(
        `${where}: ${old} is ${JSON.stringify(value)}, but ${current} at ${document.locate([section, key])} is ${JSON.stringify(present)}`,
        { hint: `Keep ${current} and remove ${old}.` },
      );
    }
    if (value !== null && present !== value) put(content, current, value);
    warnings.push(`${where}: ${old} is the old spelling of ${current}`);
  }
  const { tls } = content;
  if (tls === null || (isSection(tls) && Object.keys(tls).length === 0)) delete content.tls;
  return warnings;
}
