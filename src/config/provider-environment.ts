import type { Override } from "./override.ts";
import type { Environment } from "./paths.ts";
import { providerNames } from "./provider-variables.ts";
import { type ProviderType, providerTypes } from "./schema/provider.ts";
import { type Section, valueAt } from "./tree.ts";

/** The variables in which people usually keep a provider's key. */
export const usualVariables: Readonly<Partial<Record<ProviderType, readonly string[]>>> = {
  anthropic: ["ANTHROPIC_API_KEY"],
  openai: ["OPENAI_API_KEY"],
  google: ["GOOGLE_GENERATIVE_AI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"],
};

function typeOf(name: string, entry: unknown): ProviderType | undefined {
  const type = valueAt(entry, ["type"]) ?? name;
  return providerTypes.find((each) => each === type);
}

/** `OLLAMA_HOST` as ollama itself reads it: a URL, or a host with or without a port. */
function ollamaAddress(text: string): string {
  const host = text.trim();
  const url = URL.parse(host.includes("://") ? host : `http://${host}`);
  if (!url) return host;
  if (url.port === "" && !host.includes("://")) url.port = "11434";
  return url.origin;
}

function fallbackOf(name: string, entry: unknown, environment: Environment): Override[] {
  const type = typeOf(name, entry);
  const has = (field: string) => !!valueAt(entry, [field]);
  if (type === "ollama" && !has("base_url") && environment.OLLAMA_HOST) {
    const value = ollamaAddress(environment.OLLAMA_HOST);
    return [{ path: ["providers", name, "base_url"], value, origin: "OLLAMA_HOST" }];
  }
  if (!type || has("key") || has("key_file") || has("keys")) return [];
  const variable = usualVariables[type]?.find((each) => environment[each]);
  return variable ? [{ path: ["providers", name, "key"], value: environment[variable], origin: variable }] : [];
}

/**
 * What the vendors' own variables add where nothing else says it; a vendor whose key is there is a provider without any
 * entry.
 *
 * @param content - The configuration so far.
 */
export function providerFallbacks(environment: Environment, content: Section): Override[] {
  const configured = providerNames(content);
  const names = [...configured, ...providerTypes.filter((type) => !configured.includes(type))];
  return names.flatMap((name) => fallbackOf(name, valueAt(content, ["providers", name]), environment));
}
