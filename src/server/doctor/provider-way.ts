import type { ProviderSettings } from "../../config/provider-settings.ts";
import type { Provider } from "../../providers/provider.ts";
import { createProvider } from "../../providers/registry.ts";
import type { Transport } from "../../providers/transport/transport.ts";
import type { AskingContext } from "./context.ts";

/**
 * Opens the way to a provider on which the server would ask it: through its proxy, with its CAs and headers.
 *
 * @param settings - The provider's.
 * @param context - Tells who looks at the answers.
 */
export async function openTransport(
  settings: ProviderSettings,
  { watch, environment }: Pick<AskingContext, "watch" | "environment">,
): Promise<Transport> {
  const { createTransport } = await import("../../providers/transport/transport.ts");
  const transport = createTransport(settings, environment);
  return Object.assign(watch(transport), { close: () => transport.close() });
}

/**
 * Makes a provider that is asked on that way.
 *
 * @param settings - What the configuration says of it.
 * @param context - Tells who looks at the answers.
 */
export async function openProvider(
  settings: ProviderSettings,
  context: Pick<AskingContext, "watch" | "environment">,
): Promise<Provider> {
  if (settings.type === "echo") return await createProvider(settings);
  return await createProvider({ ...settings, transport: await openTransport(settings, context) });
}
