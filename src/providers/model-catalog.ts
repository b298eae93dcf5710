import catalog from "../gen/model-catalog.json" with { type: "json" };
import type { ProviderModel } from "./provider.ts";

/** What is known of a model before its provider is asked. */
export interface CatalogModel extends ProviderModel {
  /** Whether the model can be made to call a tool. */
  forcedToolChoice?: boolean;
}

/** The vendors whose models are known. */
export type CatalogVendor = keyof typeof catalog;

const byVendor: Readonly<Record<CatalogVendor, readonly Omit<CatalogModel, "streaming">[]>> = catalog;

/**
 * What is known of a model.
 *
 * @param vendor - Whose model it is.
 * @param name - The vendor's own name for it.
 */
export function knownModel(vendor: CatalogVendor, name: string): CatalogModel | undefined {
  const model = byVendor[vendor].find((each) => each.name === name);
  return model && { ...model, streaming: true };
}

/**
 * The models that a vendor's provider offers.
 *
 * @param vendor - Whose models they are.
 * @param names - Those to offer, also ones that are not known; all that are known when left out.
 */
export function offeredModels(vendor: CatalogVendor, names?: readonly string[]): readonly ProviderModel[] {
  const all = names ?? byVendor[vendor].map(({ name }) => name);
  return all.map((name) => {
    const known = knownModel(vendor, name);
    return {
      name,
      displayName: known?.displayName ?? name,
      streaming: true,
      contextLength: known?.contextLength,
      maxOutputTokens: known?.maxOutputTokens,
    };
  });
}
