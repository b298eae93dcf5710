/** A stream as a provider sends it, in full. */
export interface Recording {
  /** Its name in the configuration, and in paths. */
  name: "chat" | "claude";
  /** The provider's type. */
  type: "openai-compatible" | "anthropic";
  bytes: Buffer;
  /** The text that it carries. */
  text: string;
  /** How many bytes it takes until the provider has said that the answer is complete. */
  markerEnd: number;
}

const pieces = [
  "A pod",
  " is the",
  " smallest",
  " unit",
  " — 最小",
  "の単位",
  " 🚀",
  " that",
  " Kubernetes",
  " runs",
  ".",
];

function chatEvent(choice: object | undefined, usage: object | null = null): string {
  const head = { id: "chatcmpl-AyPNinnUqUDYo9SAdA52NobMflmj2", object: "chat.completion.chunk", created: 1738960610 };
  const rest = { model: "gpt-4o-2024-08-06", service_tier: "default", system_fingerprint: "fp_50cad350e4" };
  return `data: ${JSON.stringify({ ...head, ...rest, choices: choice ? [choice] : [], usage })}\n\n`;
}

function chatChoice(delta: object, finish_reason: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason };
}

function claudeEvent(document: { type: string } & Record<string, unknown>): string {
  return `event: ${document.type}\ndata: ${JSON.stringify(document)}\n\n`;
}

/**
 * Puts a recording together.
 *
 * @param marker - The event that says that the answer is complete. Its data have come when all but its empty line has.
 */
function record(
  kind: Pick<Recording, "name" | "type">,
  { before, marker, after }: { before: readonly string[]; marker: string; after: readonly string[] },
): Recording {
  const upToMarker = [...before, marker.trimEnd()].join("");
  return {
    ...kind,
    bytes: Buffer.from([...before, marker, ...after].join("")),
    text: pieces.join(""),
    markerEnd: Buffer.byteLength(upToMarker),
  };
}

/** OpenAI's Chat Completions: the text is complete with its `finish_reason`; usage and `[DONE]` follow. */
export const chat = record(
  { name: "chat", type: "openai-compatible" },
  {
    before: [
      chatEvent(chatChoice({ role: "assistant", content: "", refusal: null })),
      ...pieces.map((content) => chatEvent(chatChoice({ content }))),
    ],
    marker: chatEvent(chatChoice({}, "stop")),
    after: [chatEvent(undefined, { prompt_tokens: 12, completion_tokens: 17, total_tokens: 29 }), "data: [DONE]\n\n"],
  },
);

const claudeMessage = {
  id: "msg_014p7gG3wDgGV9EUtLvnow3U",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5-20250929",
  stop_sequence: null,
  usage: { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 2 },
  content: [],
  stop_reason: null,
};

/** Anthropic's Messages: `message_stop` ends it. */
export const claude = record(
  { name: "claude", type: "anthropic" },
  {
    before: [
      claudeEvent({ type: "message_start", message: claudeMessage }),
      claudeEvent({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      claudeEvent({ type: "ping" }),
      ...pieces.map((text) =>
        claudeEvent({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
      ),
      claudeEvent({ type: "content_block_stop", index: 0 }),
      claudeEvent({
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 17 },
      }),
    ],
    marker: claudeEvent({ type: "message_stop" }),
    after: [],
  },
);
