import { z } from "zod";
import type { ProviderSettings } from "../../config/provider-settings.ts";
import { toModelError } from "../../providers/error-mapping.ts";
import { askJson } from "../../providers/json-api.ts";
import { createRedactor } from "../../providers/redact.ts";
import type { Transport } from "../../providers/transport/transport.ts";
import { apiUrl, secretsOf } from "../../providers/vendor-access.ts";

interface Vendor {
  /** The vendor's own address. */
  standard: string;
  /** The list, with as many on its first page as the vendor gives. */
  path: string;
  headers(key: string): Record<string, string>;
}

/** Vendors whose models come from a catalogue: to try a key, their list is asked for all the same. It costs nothing. */
const vendors: Readonly<Partial<Record<ProviderSettings["type"], Vendor>>> = {
  anthropic: {
    standard: "https://api.anthropic.com/v1",
    path: "/models?limit=1000",
    headers: (key) => ({ "x-api-key": key, "anthropic-version": "2023-06-01" }),
  },
  openai: {
    standard: "https://api.openai.com/v1",
    path: "/models",
    headers: (key) => ({ authorization: `Bearer ${key}` }),
  },
  google: {
    standard: "https://generativelanguage.googleapis.com/v1beta",
    path: "/models?pageSize=1000",
    headers: (key) => ({ "x-goog-api-key": key }),
  },
};

const listing = z.union([z.object({ data: z.array(z.unknown()) }), z.object({ models: z.array(z.unknown()) })]);

/** Whether a provider's models come from a catalogue, so that it is not asked for them while it serves. */
export function hasCatalogue({ type }: Pick<ProviderSettings, "type">): boolean {
  return vendors[type] !== undefined;
}

/**
 * Asks a vendor how many models it has for a key.
 *
 * @throws ModelError that holds no key; the signal's reason.
 */
export async function countVendorModels(
  settings: ProviderSettings,
  { transport, signal }: { transport: Transport; signal: AbortSignal },
): Promise<number> {
  const { name, type, key = "", baseUrl } = settings;
  const vendor = vendors[type];
  if (!vendor) throw new TypeError(`${type} has no catalogue`);
  const send = (input: string | URL | Request, init?: RequestInit) =>
    transport(input, { ...init, headers: { accept: "application/json", ...vendor.headers(key) } });
  try {
    const url = `${apiUrl(baseUrl, vendor.standard)}${vendor.path}`;
    const asked = Object.assign(send, { preconnect: transport.preconnect });
    const answer = await askJson({ url, key: undefined, schema: listing, fetch: asked, signal });
    return "data" in answer ? answer.data.length : answer.models.length;
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw toModelError(thrown, { provider: name, redact: createRedactor(secretsOf(settings)) });
  }
}
