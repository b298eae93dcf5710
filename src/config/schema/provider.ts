import { z } from "zod";
import { field, optionalPath, optionalText, text } from "./field.ts";
import { access } from "./provider-access.ts";
import { severalKeys } from "./provider-keys.ts";

/** Types of provider, each of which has a file in `src/providers/`. */
export const providerTypes = ["anthropic", "openai", "google", "ollama", "openai-compatible", "echo"] as const;

/** A type of provider. */
export type ProviderType = (typeof providerTypes)[number];

const milliseconds = () => z.int().min(0).max(600_000).optional();

/** One entry of `providers`. */
export const provider = z.strictObject({
  type: field(z.enum(providerTypes).optional(), {
    description: "What it speaks",
    fallback: "the type that its name is",
  }),
  key: field(optionalText(), { description: "API key", secret: true }),
  key_file: field(optionalPath(), { description: "File that holds the API key", path: true }),
  ...severalKeys,
  base_url: field(z.url({ protocol: /^https?$/ }).nullish(), {
    description: "Address of its API; needed for openai-compatible",
    fallback: "the vendor's own",
    allowed: "an http or https address",
  }),
  models: field(z.array(text()).min(1).optional(), {
    description: "Models to offer; ollama and openai-compatible are asked for their list",
    fallback: "all that are known",
  }),
  ...access,
  structured_outputs: field(z.boolean().optional(), {
    description: "openai-compatible: whether the endpoint takes a JSON Schema itself",
    fallback: "the model is instructed in words",
  }),
  delay_ms: field(milliseconds(), { description: "echo: time before the first word", unit: "milliseconds" }),
  chunk_delay_ms: field(milliseconds(), { description: "echo: time between words", unit: "milliseconds" }),
  failure: field(text().optional(), { description: "echo: error code of errors.md that every call ends with" }),
  fail_after_chunks: field(z.int().min(0).optional(), {
    description: "echo: words to send before the failure",
  }),
});

/** One entry of `providers`, as it was validated. */
export type ProviderEntry = z.infer<typeof provider>;

/** The type of a provider: what its entry says, or its name. */
export function typeOfProvider(name: string, entry: ProviderEntry): ProviderType | undefined {
  return entry.type ?? providerTypes.find((candidate) => candidate === name);
}
