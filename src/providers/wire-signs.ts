/** The APIs that are spoken: Anthropic's Messages, OpenAI's Responses, Google's Gemini, and Chat Completions. */
export type Wire = "messages" | "responses" | "gemini" | "chat";

/** A JSON object as it came. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a document says beside the answer's text. The AI SDK hands on only a part of it, and a refusal as if it were text. */
interface Signs {
  /** The model's own words of why it does not answer. */
  refusal?: string | undefined;
  /** The vendor's words on how the answer ended. */
  explanation?: string | undefined;
  /** The vendor's name for how the answer ended, where no more of it is to come. */
  end?: string | undefined;
  /** The token counts until then, in the vendor's form. */
  usage?: Fields | undefined;
}

const nothing: Fields = {};

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : nothing;
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function firstOf(value: unknown): Fields {
  return fieldsOf(Array.isArray(value) ? value[0] : undefined);
}

function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function usageOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

function explanationOf({ stop_details }: Fields): string | undefined {
  const { category, explanation } = fieldsOf(stop_details);
  return [wordOf(category), wordOf(explanation)].filter(Boolean).join(": ") || undefined;
}

/** A stream has an end marker of its own after its stop reason, which the AI SDK waits for. */
function ofMessages(document: Fields): Signs {
  switch (document.type) {
    case "message_start":
      return { usage: usageOf(fieldsOf(document.message).usage) };
    case "message_delta":
      return { usage: usageOf(document.usage), explanation: explanationOf(fieldsOf(document.delta)) };
    case "message":
      return {
        usage: usageOf(document.usage),
        explanation: explanationOf(document),
        end: wordOf(document.stop_reason),
      };
    default:
      return nothing;
  }
}

const lastEvents: ReadonlySet<unknown> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
]);

function endOfResponse({ incomplete_details, status }: Fields): string | undefined {
  return wordOf(fieldsOf(incomplete_details).reason) ?? wordOf(status);
}

function ofResponses(document: Fields): Signs {
  const { type } = document;
  if (type === undefined) {
    const parts = listOf(document.output).flatMap(({ content }) => listOf(content));
    const refusal = parts.map((part) => wordOf(part.refusal) ?? "").join("");
    return { refusal: wordOf(refusal), end: endOfResponse(document), usage: usageOf(document.usage) };
  }
  if (type === "response.refusal.delta") return { refusal: wordOf(document.delta) };
  if (!lastEvents.has(type)) return nothing;
  const response = fieldsOf(document.response);
  return { end: endOfResponse(response) ?? String(type), usage: usageOf(response.usage) };
}

function ofGemini(document: Fields): Signs {
  const { finishReason, finishMessage, continuationToken } = firstOf(document.candidates);
  // The AI SDK asks for the rest of such an answer by itself.
  const goesOn = finishReason === "CONTINUATION" && wordOf(continuationToken) !== undefined;
  return {
    end: goesOn ? undefined : wordOf(finishReason),
    explanation: wordOf(finishMessage),
    usage: usageOf(document.usageMetadata),
  };
}

function ofChat(document: Fields): Signs {
  const { delta, message, finish_reason } = firstOf(document.choices);
  return {
    refusal: wordOf(fieldsOf(delta ?? message).refusal),
    end: wordOf(finish_reason),
    usage: usageOf(document.usage),
  };
}

const readers: Readonly<Record<Wire, (document: Fields) => Signs>> = {
  messages: ofMessages,
  responses: ofResponses,
  gemini: ofGemini,
  chat: ofChat,
};

/**
 * The fields that have a value.
 *
 * @param fields - A JSON object; vendors write null for what they don't say.
 */
export function withoutNulls(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** More of a refusal is not kept, in characters. */
const longestRefusal = 2000;

/** Reads what the documents of one answer say beside its text: the events of a stream, or the whole one. */
export class SignReader {
  readonly #read: (document: Fields) => Signs;
  // Anthropic tells a part of the counts at the beginning and the rest at the end; with the others the last ones hold.
  readonly #isMessages: boolean;
  #refusal: string | undefined;
  #explanation: string | undefined;
  #end: string | undefined;
  #usage: Fields | undefined;
  #isPast = false;
  #error: Fields | undefined;

  constructor(wire: Wire) {
    this.#read = readers[wire];
    this.#isMessages = wire === "messages";
  }

  /** Whether the model has begun to say that it does not answer: what the AI SDK calls text is that. */
  get isRefusal(): boolean {
    return this.#refusal !== undefined;
  }

  /** Why there is no answer, or how it ended, in the model's or the vendor's words. */
  get explanation(): string | undefined {
    return this.#refusal ?? this.#explanation;
  }

  /** The vendor's name for how the answer ended. Until it is known there is more to come. */
  get end(): string | undefined {
    return this.#end;
  }

  /** Whether the latest document came after the one with which the answer ended. */
  get isPast(): boolean {
    return this.#isPast;
  }

  /** A document that is an error, whatever else it holds. */
  get error(): Fields | undefined {
    return this.#error;
  }

  /** The latest token counts, in the vendor's form. */
  get usage(): Fields | undefined {
    return this.#usage;
  }

  /**
   * Reads a document.
   *
   * @param document - JSON as it came; it may be anything.
   */
  see(document: unknown): void {
    this.#isPast = this.#end !== undefined;
    const fields = fieldsOf(document);
    const { refusal, explanation, end, usage } = this.#read(fields);
    if ((fields.error ?? undefined) !== undefined) this.#error ??= fields;
    if (refusal !== undefined) this.#refusal = ((this.#refusal ?? "") + refusal).slice(0, longestRefusal);
    this.#explanation ??= explanation;
    this.#end ??= end;
    if (usage) this.#usage = this.#isMessages ? { ...this.#usage, ...withoutNulls(usage) } : usage;
  }
}
