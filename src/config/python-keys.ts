import { formatPath } from "./tree.ts";

type Path = readonly string[];

/** Keys of the Python server's second spelling and those that replace them. */
export const spellings: ReadonlyArray<readonly [old: Path, current: Path]> = [
  [
    ["tls", "enabled"],
    ["server", "use_tls"],
  ],
  [
    ["tls", "cert_file"],
    ["server", "cert_file"],
  ],
  [
    ["tls", "key_file"],
    ["server", "key_file"],
  ],
  [
    ["jwt", "enabled"],
    ["server", "require_auth"],
  ],
];

/** Keys of the Python server that have no meaning here. With the value `quiet`, or switched off,
 * nobody needs to hear of it. */
export const withoutEffect: ReadonlyArray<readonly [path: Path, quiet?: unknown]> = [
  [["jwt", "expiration_hours"], 24],
  [["tls", "hsts"]],
  [["acme"]],
];

const known = new Set([...spellings, ...withoutEffect].map(([path]) => formatPath(path as Path)));

/** Whether a path is, or is below, a key of the Python server that this one has under another name or not at all. */
export function isPythonKey(path: Path): boolean {
  return path.some((_, index) => known.has(formatPath(path.slice(0, index + 1))));
}
