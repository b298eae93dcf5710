/**
 * Names that vibectl and its users write, each with the models that can stand for it, best first. A retired model's
 * name goes on working by standing for its successor.
 */
export const knownAliases: Readonly<Record<string, readonly string[]>> = {
  "claude-3.7-sonnet": ["anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-6"],
  "claude-4-sonnet": ["anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-6"],
  "claude-3.5-sonnet": ["anthropic/claude-sonnet-4-5", "anthropic/claude-sonnet-4-6"],
  "claude-3.5-haiku": ["anthropic/claude-haiku-4-5"],
  "claude-3-opus": ["anthropic/claude-opus-4-5"],
  "claude-4-opus": ["anthropic/claude-opus-4-5"],
  "gpt-4o": ["openai/gpt-4o"],
  "gpt-4": ["openai/gpt-4", "openai/gpt-4o"],
};

/** Models that can be the default when nobody chose one, best first. */
export const preferredDefaults: readonly string[] = [
  "anthropic/claude-sonnet-4-5",
  "openai/gpt-4.1",
  "google/gemini-2.5-flash",
];

/** Claude's two ways of writing a model's name: `claude-sonnet-4-5` is also `claude-4.5-sonnet`. */
function claudeNames(name: string): string[] {
  const [, family, major, minor] = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?$/.exec(name) ?? [];
  if (!family || !major) return [];
  const version = minor === undefined || minor === "0" ? major : `${major}.${minor}`;
  return [`claude-${version}-${family}`, `claude-${family}-${version}`];
}

/**
 * Names that a model answers to by rule.
 *
 * @param provider - The provider's name.
 * @param name - The model's name at the provider.
 * @returns `provider:name`, the bare name, and what people shorten it to.
 */
export function namesByRule(provider: string, name: string): string[] {
  const short = name.endsWith(":latest") ? [name.slice(0, -":latest".length)] : [];
  const names = [name, ...short];
  return [...names.flatMap((each) => [`${provider}:${each}`, each]), ...claudeNames(name)];
}
