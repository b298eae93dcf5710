/** What every provider is told. */
interface CommonSettings {
  /** The name it has in the configuration and in model ids. */
  name: string;
  /** Where requests go through; the runtime's own unless a test brings another. */
  fetch?: typeof fetch;
}

/** What a provider that is called over HTTP is told. */
interface RemoteSettings extends CommonSettings {
  /** Its API key. It is never looked for anywhere else. */
  key?: string;
  /** Address of its API; the vendor's own when left out. */
  baseUrl?: string;
  /** The models to offer; all that are known when left out. */
  models?: readonly string[];
}

/** Settings of Anthropic's Messages API. */
export interface AnthropicSettings extends RemoteSettings {
  type: "anthropic";
}

/** Settings of OpenAI's Responses API. */
export interface OpenAiSettings extends RemoteSettings {
  type: "openai";
}

/** Settings of Google's Gemini API. */
export interface GoogleSettings extends RemoteSettings {
  type: "google";
}

/** Settings of an Ollama server. */
export interface OllamaSettings extends RemoteSettings {
  type: "ollama";
}

/** Settings of anything that speaks OpenAI's Chat Completions API. */
export interface OpenAiCompatibleSettings extends RemoteSettings {
  type: "openai-compatible";
  /** Whether it takes a JSON Schema itself; it is asked in words when left out. */
  structuredOutputs?: boolean;
}

/** Settings of the built-in model. */
export interface EchoSettings extends CommonSettings {
  type: "echo";
  /** Milliseconds before the first word. */
  delayMs?: number;
  /** Milliseconds between words. */
  chunkDelayMs?: number;
  /** The error code that every call ends with. */
  failure?: string;
  /** Words to send before the failure. */
  failAfterChunks?: number;
}

/** Settings of a provider that is called over HTTP. */
export type RemoteProviderSettings =
  | AnthropicSettings
  | OpenAiSettings
  | GoogleSettings
  | OllamaSettings
  | OpenAiCompatibleSettings;

/** Settings of any provider. */
export type ProviderSettings = RemoteProviderSettings | EchoSettings;
