import { ConfigurationError, messageOf } from "../errors.ts";
import type { Provider } from "./provider.ts";
import type { ProviderSettings, RemoteProviderSettings } from "./settings.ts";
import type { Transport } from "./transport/transport.ts";

/** One of a provider's keys. */
export interface ProviderKey {
  /** Its name in the configuration. */
  label: string;
  key: string;
  /** Its share of the calls, where they are weighted. */
  weight: number;
}

/** A provider by one of its keys. */
export interface KeyedProvider extends Omit<ProviderKey, "key"> {
  provider: Provider;
}

/** A provider by each of its keys; the connections are shared. */
export interface ProviderSet {
  /** One for each key, or a single one whose label is empty where there is no key. */
  keyed: readonly KeyedProvider[];
  /** Lets the requests that run come to their end, and then closes the connections. */
  close(): Promise<void>;
}

/** A vendor's library is loaded when the first provider that needs it is made. */
async function load<Module>(type: string, module: Promise<Module>): Promise<Module> {
  return await module.catch((cause) => {
    throw new ConfigurationError(`The part for providers of type ${type} can't be loaded: ${messageOf(cause)}`, {
      hint: "Unset ANTHROPIC_BASE_URL and OPENAI_BASE_URL where they are set to nothing.",
      cause,
    });
  });
}

/** Where nothing is asked over HTTP, nothing that does so is loaded. */
async function transportOf(settings: RemoteProviderSettings): Promise<Transport> {
  return settings.transport ?? (await import("./transport/transport.ts")).createTransport(settings);
}

async function createRemoteProvider(settings: RemoteProviderSettings, transport: Transport): Promise<Provider> {
  const { type } = settings;
  switch (type) {
    case "anthropic":
      return (await load(type, import("./anthropic.ts"))).createAnthropicProvider(settings, transport);
    case "openai":
      return (await load(type, import("./openai.ts"))).createOpenAiProvider(settings, transport);
    case "google":
      return (await load(type, import("./google.ts"))).createGoogleProvider(settings, transport);
    case "ollama":
      return (await load(type, import("./ollama.ts"))).createOllamaProvider(settings, transport);
    case "openai-compatible":
      return (await load(type, import("./openai-compatible.ts"))).createOpenAiCompatibleProvider(settings, transport);
  }
}

/**
 * Makes a provider.
 *
 * @param settings - What it is, and where its models are.
 * @throws ConfigurationError when the settings lack what the type needs.
 */
export async function createProvider(settings: ProviderSettings): Promise<Provider> {
  if (settings.type === "echo") return (await load("echo", import("./echo.ts"))).createEchoProvider(settings);
  return await createRemoteProvider(settings, await transportOf(settings));
}

/**
 * Makes a provider once for each of its keys.
 *
 * @param settings - What it is, and where its models are.
 * @param keys - Its keys; they stand in place of the settings' own.
 * @throws ConfigurationError when the settings lack what the type needs.
 */
export async function createProviderSet(
  settings: ProviderSettings,
  keys: readonly ProviderKey[],
): Promise<ProviderSet> {
  const keyless = { label: "", weight: 1 };
  if (settings.type === "echo") {
    return { keyed: [{ ...keyless, provider: await createProvider(settings) }], close: async () => undefined };
  }
  const transport = await transportOf(settings);
  const made = keys.map(async ({ label, key, weight }) => ({
    label,
    weight,
    provider: await createRemoteProvider({ ...settings, key }, transport),
  }));
  const keyed = await Promise.all(made);
  if (keyed.length === 0) keyed.push({ ...keyless, provider: await createRemoteProvider(settings, transport) });
  return { keyed, close: () => transport.close() };
}
