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

/** Keys of the Python server that have no meaning here. With the value `quiet`, or switched off,
 * nobody needs to hear of it. */
const withoutEffect: ReadonlyArray<readonly [path: string, quiet?: unknown]> = [
  ["server.max_workers", 10],
  ["jwt.expiration_hours", 24],
  ["tls.hsts"],
  ["acme"],
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

/** What became of a file's old spellings. */
export interface Translation {
  /** About keys that are old or have no effect. */
  warnings: string[];
  /** Where the values of keys come from that the file has under their old names. */
  places: Map<string, string>;
}

/**
 * Rewrites what was written for the Python server into this server's own keys, in place.
 *
 * @param document - A configuration file; its content changes.
 * @throws ConfigurationError where a key has both spellings and they differ.
 */
export function translatePythonSpellings(document: ConfigurationDocument): Translation {
  const warnings: string[] = [];
  const places = new Map<string, string>();
  const { content } = document;
  for (const [path, quiet] of withoutEffect) {
    const { found, value } = take(content, path);
    const off = isSection(value) && value.enabled === false;
    if (found && value !== quiet && !off) {
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
    if (present !== undefined && present !== value) {
      throw new ConfigurationError(
        `${where}: ${old} is ${JSON.stringify(value)}, but ${current} at ${document.locate([section, key])} is ${JSON.stringify(present)}`,
        { hint: `Keep ${current} and remove ${old}.` },
      );
    }
    if (present === undefined) {
      put(content, current, value);
      places.set(current, `${where} (${old})`);
    }
    warnings.push(`${where}: ${old} is the old spelling of ${current}`);
  }
  const { tls } = content;
  if (isSection(tls) && Object.keys(tls).length === 0) delete content.tls;
  return { warnings, places };
}
