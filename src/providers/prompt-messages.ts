import type {
  JSONSchema7,
  LanguageModelV4CallOptions,
  LanguageModelV4Prompt,
  SharedV4ProviderOptions,
} from "@ai-sdk/provider";
import type { JsonSchema, Prompt, Turn } from "./provider.ts";

/**
 * How a schema is honoured: `native` hands it to the provider, which shows it to the model; `guided` hands it to the
 * provider and tells the model as well; `json` asks the provider for JSON and tells the model the schema; `instructed`
 * only tells the model.
 */
export type Structure = "native" | "guided" | "json" | "instructed";

type Message = LanguageModelV4Prompt[number];

function instruction(schema: JsonSchema): string {
  return `Answer only with one JSON document that satisfies this JSON Schema. Write no Markdown fence around it and no text before or after it.\n\n${JSON.stringify(schema)}`;
}

function toMessage({ role, text }: Turn): Message {
  return { role, content: [{ type: "text", text }] };
}

/**
 * The prompt as the AI SDK has it, every text in its own role.
 *
 * @param prompt - What is asked.
 * @param structure - How its schema is honoured, if it has one.
 * @param systemOptions - The provider's own options for the system message.
 */
export function toMessages(
  prompt: Prompt,
  structure: Structure,
  systemOptions?: SharedV4ProviderOptions,
): LanguageModelV4Prompt {
  const asked = prompt.schema && structure !== "native" ? instruction(prompt.schema) : "";
  const content = [prompt.system, asked].filter((text) => text.trim() !== "").join("\n\n");
  const turns = prompt.turns.map(toMessage);
  if (content === "") return turns;
  return [
    { role: "system", content, ...(systemOptions === undefined ? {} : { providerOptions: systemOptions }) },
    ...turns,
  ];
}

/**
 * The form that is asked of the provider itself.
 *
 * @param schema - What the answer has to satisfy, if anything.
 * @param structure - How it is honoured.
 */
export function toResponseFormat(
  schema: JsonSchema | undefined,
  structure: Structure,
): LanguageModelV4CallOptions["responseFormat"] {
  if (!schema || structure === "instructed") return undefined;
  return structure === "json" ? { type: "json" } : { type: "json", schema: schema as JSONSchema7 };
}

/**
 * The texts of a call as they are sent, the schema's among them where the provider gets it.
 *
 * @param call - The call in the AI SDK's form.
 */
export function sentTexts({ prompt, responseFormat }: LanguageModelV4CallOptions): string[] {
  const texts = prompt.flatMap(({ content }) =>
    typeof content === "string" ? [content] : content.flatMap((part) => (part.type === "text" ? [part.text] : [])),
  );
  const schema = responseFormat?.type === "json" ? responseFormat.schema : undefined;
  return schema === undefined ? texts : [...texts, JSON.stringify(schema)];
}
