import { allowedBy } from "./allowed.ts";
import { anyName, type ConfigurationKey, configurationKeys } from "./keys.ts";
import { valueAt } from "./tree.ts";

/** The name of the schema file that the first line of a new configuration file names. */
export const schemaFileName = "config.schema.json";

/** Where a new file is safer than what holds without any. */
const safer: Readonly<Record<string, unknown>> = { server: { require_auth: true, use_tls: true } };

const widest = 100;

/** A comment in lines of a readable width. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= widest - indent.length) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => `${indent}# ${each}`);
}

function explain(key: ConfigurationKey): string {
  const { description, unit, fallback } = key.meta;
  const takes = `${allowedBy(key.type)}${unit ? `, in ${unit}` : ""}`;
  return `${description} (${takes})${fallback ? `; without it: ${fallback}` : ""}.`;
}

function keyLines(key: ConfigurationKey): string[] {
  const indent = "  ".repeat(key.path.length - 1);
  const name = key.path.at(-1);
  const value = valueAt(safer, key.path) ?? key.default;
  const line = value === undefined || value === null ? `# ${name}: null` : `${name}: ${JSON.stringify(value)}`;
  const text = typeof value === "string" && /^[\w.-]*[a-z][\w.-]*$/i.test(value) ? `${name}: ${value}` : line;
  return [...comment(explain(key), indent), `${indent}${text}`];
}

const examples = `
# Where models come from. A vendor whose key is in the environment needs no entry.
providers: {}
#  anthropic: { key_file: /run/secrets/anthropic }
#  local: { type: openai-compatible, base_url: "http://127.0.0.1:8089/v1", models: [tiny] }

# Other names for models.
model_aliases: {}
#  small: local/tiny

# Names that stand for several models: the first answers, by place or weight, else the next one.
model_routes: {}
#  fast: [local/tiny, anthropic/claude-haiku-4-5]
#  mixed: [{ model: anthropic/claude-haiku-4-5, weight: 3 }, { model: local/tiny, weight: 1 }]

# Models that answer when those behind a name fail; "*" is for every name.
model_fallbacks: {}
#  "*": [local/tiny]
`;

/** The text of a new configuration file: every key with what it means, and defaults that are safe. */
export function defaultFileText(): string {
  const keys = configurationKeys().filter(({ path }) => path.length > 1 && !path.includes(anyName));
  const lines: string[] = [];
  let above: readonly string[] = [];
  for (const key of keys) {
    const section = key.path.slice(0, -1);
    section.forEach((name, depth) => {
      const isOpen = section.slice(0, depth + 1).every((part, index) => above[index] === part);
      if (!isOpen) lines.push(...(depth === 0 ? [""] : []), `${"  ".repeat(depth)}${name}:`);
    });
    above = section;
    lines.push(...keyLines(key));
  }
  return [
    `# yaml-language-server: $schema=./${schemaFileName}`,
    "# Configuration of vibectl-server. Flags and environment variables win over what stands here.",
    ...lines,
    examples,
  ].join("\n");
}
