import type { Problem } from "./problems.ts";
import { formatPath, isMapping, type Section, valueAt, withValue, withValues } from "./tree.ts";

/** A content in this server's own form, and what was not. */
interface Normalised {
  content: Section;
  /** What works and should be mended. */
  warnings: Problem[];
}

type Place = (path: readonly string[]) => string;

const limitNames = [
  "max_requests_per_minute",
  "max_concurrent_requests",
  "max_input_length",
  "request_timeout_seconds",
] as const;

/** Where the Python server took a number in quotes for a number. */
function countPaths(content: Section): string[][] {
  const perToken = valueAt(content, ["server", "limits", "per_token"]);
  const sections = [
    ["server", "limits", "global"],
    ...(isMapping(perToken) ? Object.keys(perToken).map((name) => ["server", "limits", "per_token", name]) : []),
  ];
  const single = [
    ["server", "port"],
    ["server", "max_workers"],
  ];
  return [...single, ...sections.flatMap((section) => limitNames.map((name) => [...section, name]))];
}

function readCounts({ content, warnings }: Normalised, place: Place): Normalised {
  const counts: [readonly string[], number][] = [];
  const found = [...warnings];
  for (const path of countPaths(content)) {
    const value = valueAt(content, path);
    if (typeof value !== "string" || !/^[1-9]\d{0,15}$/.test(value)) continue;
    counts.push([path, Number(value)]);
    found.push({ place: place(path), text: `${formatPath(path)} is a number in quotes: remove them` });
  }
  return { content: withValues(content, counts), warnings: found };
}

/** Changes a value where a change is known. */
function change(content: Section, path: readonly string[], to: (value: unknown) => unknown): Section {
  const value = valueAt(content, path);
  const changed = value === undefined ? undefined : to(value);
  return changed === undefined ? content : withValue(content, path, changed);
}

/**
 * Brings values that can be written in more than one way into one form: levels in capitals, a version of TLS that YAML
 * takes for a number, one audience instead of a list, a subject without limits, a number in quotes.
 *
 * @param content - As it was read.
 * @param place - Where a key stands.
 */
export function normalise(content: Section, place: Place): Normalised {
  let result = change(content, ["server", "log_level"], (level) =>
    typeof level === "string" ? level.toLowerCase() : undefined,
  );
  result = change(result, ["tls", "min_version"], (version) =>
    typeof version === "number" ? String(version) : undefined,
  );
  result = change(result, ["jwt", "audience"], (audience) => (typeof audience === "string" ? [audience] : undefined));
  result = change(result, ["server", "limits", "per_token"], (limits) =>
    isMapping(limits)
      ? Object.fromEntries(Object.entries(limits).map(([subject, each]) => [subject, each ?? {}]))
      : undefined,
  );
  return readCounts({ content: result, warnings: [] }, place);
}
