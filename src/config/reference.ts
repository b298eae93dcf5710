import { allowedBy } from "./allowed.ts";
import { variablesOf } from "./environment.ts";
import { anyName, type ConfigurationKey, configurationKeys } from "./keys.ts";

/** A value as a table shows it. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && value.length === 0) return "none";
  if (typeof value === "object" && Object.keys(value).length === 0) return "none";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function cells(key: ConfigurationKey): string[] {
  const { description, unit, fallback, flag } = key.meta;
  const flags = (flag?.split(", ") ?? []).map((name) => `\`${name}\``).join(", ");
  const variable = key.path.includes(anyName) ? "" : `\`${variablesOf(key)[0]}\``;
  const takes = unit ? `${allowedBy(key.type)}, in ${unit}` : allowedBy(key.type);
  return [`\`${key.path.at(-1)}\``, description, takes, shown(key.default) || (fallback ?? ""), flags, variable];
}

const head = ["key", "meaning", "takes", "default", "flag of `serve`", "variable"];

function formatRow(row: readonly string[], widths: readonly number[]): string {
  return `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ")} |`;
}

function formatTable(rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const used = head.map((_, column) => all.slice(1).some((row) => row[column] !== ""));
  const kept = all.map((row) => row.filter((_, column) => used[column]));
  const widths = (kept[0] ?? []).map((_, column) => Math.max(...kept.map((row) => row[column]?.length ?? 0)));
  const [titles = [], ...lines] = kept;
  return [
    formatRow(titles, widths),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...lines.map((row) => formatRow(row, widths)),
  ].join("\n");
}

/**
 * The tables of docs/configuration.md, each under the name of its section, such as `server` or `providers.<name>`.
 */
export function referenceTables(): Map<string, string> {
  const sections = Map.groupBy(configurationKeys(), ({ path }) => path.slice(0, -1).join("."));
  return new Map([...sections].map(([section, keys]) => [section, formatTable(keys.map(cells))]));
}
