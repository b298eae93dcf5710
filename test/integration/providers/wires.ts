import type { RemoteProviderSettings } from "../../../src/providers/settings.ts";

/** The API key in every test. */
export const key = "test-key-7f3a9c51d2";

/** One vendor's API as it looks on the wire. */
export interface Wire {
  type: "anthropic" | "openai" | "google" | "openai-compatible";
  model: string;
  settings(url: string): RemoteProviderSettings;
  /** Events before the first text. */
  opening: readonly string[];
  /** The event that carries a piece of text. */
  text(text: string): string;
  /** Events after the last text; the stream is complete with the last of them. */
  closing: readonly string[];
  /** The answer that is not streamed. */
  whole(text: string): object;
  /** The body of an answer that is an error, in the vendor's own form. */
  error(message: string): object;
  /** The event by which the vendor says in the middle of a stream that it is overloaded. */
  overloaded: string;
}

function event(data: object): string {
  const type = "type" in data ? `event: ${data.type}\n` : "";
  return `${type}data: ${JSON.stringify(data)}\n\n`;
}

const anthropicMessage = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  stop_reason: null,
  stop_sequence: null,
};

const anthropic: Wire = {
  type: "anthropic",
  model: "claude-sonnet-4-5",
  settings: (url) => ({ name: "anthropic", type: "anthropic", key, baseUrl: `${url}/v1` }),
  opening: [
    event({
      type: "message_start",
      message: {
        ...anthropicMessage,
        content: [],
        usage: { input_tokens: 7, output_tokens: 1, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      },
    }),
    event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    event({ type: "ping" }),
  ],
  text: (text) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  closing: [
    event({ type: "content_block_stop", index: 0 }),
    event({
      type: "message_delta",
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { output_tokens: 3 },
    }),
    event({ type: "message_stop" }),
  ],
  whole: (text) => ({
    ...anthropicMessage,
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    usage: { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
  }),
  error: (message) => ({ type: "error", error: { type: "invalid_request_error", message } }),
  overloaded: event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
};

const openaiItem = { type: "message", id: "msg_1", role: "assistant" };
const openaiUsage = {
  input_tokens: 7,
  output_tokens: 3,
  total_tokens: 10,
  input_tokens_details: { cached_tokens: 2 },
  output_tokens_details: { reasoning_tokens: 0 },
};
const openaiResponse = { id: "resp_1", object: "response", created_at: 1, model: "gpt-4o", error: null };

const openai: Wire = {
  type: "openai",
  model: "gpt-4o",
  settings: (url) => ({ name: "openai", type: "openai", key, baseUrl: `${url}/v1` }),
  opening: [
    event({ type: "response.created", response: { ...openaiResponse, status: "in_progress", output: [] } }),
    event({ type: "response.output_item.added", output_index: 0, item: { ...openaiItem, content: [] } }),
  ],
  text: (delta) =>
    event({ type: "response.output_text.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta }),
  closing: [
    event({
      type: "response.output_item.done",
      output_index: 0,
      item: { ...openaiItem, status: "completed", content: [{ type: "output_text", text: "", annotations: [] }] },
    }),
    event({ type: "response.completed", response: { ...openaiResponse, status: "completed", usage: openaiUsage } }),
  ],
  whole: (text) => ({
    ...openaiResponse,
    status: "completed",
    output: [{ ...openaiItem, status: "completed", content: [{ type: "output_text", text, annotations: [] }] }],
    usage: openaiUsage,
  }),
  error: (message) => ({ error: { message, type: "invalid_request_error", param: null, code: null } }),
  overloaded: event({ type: "error", sequence_number: 9, code: "overloaded", message: "Overloaded", param: null }),
};

const googleUsage = { promptTokenCount: 7, candidatesTokenCount: 3, totalTokenCount: 10 };

function googleChunk(text: string, rest: object = {}) {
  return {
    candidates: [{ content: { role: "model", parts: [{ text }] }, index: 0, ...rest }],
    usageMetadata: googleUsage,
  };
}

const google: Wire = {
  type: "google",
  model: "gemini-2.5-flash",
  settings: (url) => ({ name: "google", type: "google", key, baseUrl: `${url}/v1beta` }),
  opening: [],
  text: (text) => event(googleChunk(text)),
  closing: [event(googleChunk("", { finishReason: "STOP" }))],
  whole: (text) => googleChunk(text, { finishReason: "STOP" }),
  error: (message) => ({ error: { code: 400, message, status: "INVALID_ARGUMENT" } }),
  overloaded: event({ error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } }),
};

const chatUsage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

function chatChunk(delta: object, finish_reason: string | null = null) {
  return {
    id: "chat_1",
    object: "chat.completion.chunk",
    created: 1,
    model: "tiny",
    choices: [{ index: 0, delta, finish_reason }],
  };
}

const compatible: Wire = {
  type: "openai-compatible",
  model: "tiny",
  settings: (url) => ({ name: "local", type: "openai-compatible", key, baseUrl: `${url}/v1`, models: ["tiny"] }),
  opening: [event(chatChunk({ role: "assistant", content: "" }))],
  text: (content) => event(chatChunk({ content })),
  closing: [
    event(chatChunk({}, "stop")),
    event({ ...chatChunk({}), choices: [], usage: chatUsage }),
    "data: [DONE]\n\n",
  ],
  whole: (content) => ({
    id: "chat_1",
    object: "chat.completion",
    created: 1,
    model: "tiny",
    choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
    usage: chatUsage,
  }),
  error: (message) => ({ error: { message, type: "invalid_request_error" } }),
  overloaded: event({ error: { message: "Overloaded", type: "overloaded_error", code: 503 } }),
};

/** Every API that is spoken. */
export const wires: readonly Wire[] = [anthropic, openai, google, compatible];
export { anthropic, compatible, google, openai };
