import type { TokenCounter } from "./token-count.ts";
import type { Transport } from "./transport/transport.ts";

/** What every provider is told. */
interface CommonSettings {
  /** The name it has in the configuration and in model ids. */
  name: string;
  /** What counts tokens where the provider does not say; one of its own when left out. */
  counter?: TokenCounter;
}

/** How requests reach a provider. */
export interface TransportSettings {
  /** Milliseconds until a connection stands, TLS included. */
  connectMs?: number;
  /** Milliseconds until the first byte of a streamed answer. */
  firstByteMs?: number;
  /** Milliseconds between two pieces of a streamed answer. */
  betweenChunksMs?: number;
  /** An http or https proxy, with its user and password if it wants any; `none` for no proxy, whatever the environment says. */
  proxy?: string;
  /** PEM text of the CAs that are trusted beside the system's. */
  ca?: string;
  /** Headers that are sent with every request. Their values can be secrets. */
  headers?: Readonly<Record<string, string>>;
  /** Connections that are open at the same time; a request beyond waits for a free one. */
  maxConnections?: number;
}

/** What a provider that is called over HTTP is told. */
interface RemoteSettings extends CommonSettings, TransportSettings {
  /** Its API key. It is never looked for anywhere else. */
  key?: string;
  /** Where requests go through; one that these settings describe is made when left out. */
  transport?: Transport;
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
