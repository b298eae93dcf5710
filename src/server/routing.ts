import type { ProviderSettings } from "../config/provider-settings.ts";
import type { Configuration } from "../config/schema.ts";
import { ModelError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { ProviderModel } from "../providers/provider.ts";
import { createProviderSet, type KeyedProvider } from "../providers/registry.ts";
import { TokenThread } from "../providers/token-thread.ts";
import type { ModelSource } from "../proxy/model-directory.ts";
import type { BreakerState } from "../proxy/routing/breaker.ts";
import { KeyRing } from "../proxy/routing/key-ring.ts";
import type { RouteEntry } from "../proxy/routing/route.ts";
import { type RetryEvent, Router } from "../proxy/routing/router.ts";
import { type Reach, Targets } from "../proxy/routing/targets.ts";

/** The providers of a configuration, through each of their keys. */
export interface LoadedProviders {
  /** What lists their models, in the configuration's order. */
  sources: ModelSource[];
  router: Router;
  /** Lets requests that run end, and then closes the connections. */
  close(): Promise<void>;
}

const now = () => performance.now();

/** The list is the same for every key: it is asked for with the first one that is accepted. */
async function listWith(keyed: readonly KeyedProvider[], signal: AbortSignal): Promise<readonly ProviderModel[]> {
  const [first, ...others] = keyed;
  if (!first) return [];
  try {
    return await first.provider.models(signal);
  } catch (error) {
    const isRefused = error instanceof ModelError && error.code === "PROVIDER_AUTH";
    if (!isRefused || others.length === 0) throw error;
    return await listWith(others, signal);
  }
}

const breakerWords: Readonly<Record<BreakerState, string>> = {
  open: "has failed in a row: it is left alone for a while",
  half_open: "is tried again",
  closed: "answers again",
};

function describeRetry({ requestId, model, key, error, next }: RetryEvent) {
  const fields = { requestId, model, ...(key === "" ? {} : { key }), code: error.code };
  return "fallback" in next ? { ...fields, fallback: next.fallback } : { ...fields, waitMs: Math.round(next.waitMs) };
}

/**
 * Makes the providers, and the router that finds its way through them.
 *
 * @param settings - Each provider's.
 * @param configuration - How calls are repeated.
 * @param logger - Told of what goes wrong.
 * @throws ConfigurationError when a provider lacks what its type needs.
 */
export async function loadProviders(
  settings: readonly ProviderSettings[],
  { retries, breaker }: Configuration,
  logger: Logger,
): Promise<LoadedProviders> {
  // One thread counts for all of them: it holds a large table.
  const counter = new TokenThread();
  const sets = await Promise.all(settings.map((each) => createProviderSet({ ...each, counter }, each.keys)));
  const providers = new Map<string, Reach>();
  const sources: ModelSource[] = [];
  for (const [index, { name, keyChoice = "round_robin", callMs }] of settings.entries()) {
    const keyed = sets[index]?.keyed ?? [];
    providers.set(name, { keys: new KeyRing(keyed, keyChoice, now), limitMs: callMs });
    sources.push({ name, models: (signal) => listWith(keyed, signal) });
  }
  const targets = new Targets({
    providers,
    breaker: { failures: breaker.failures, openMs: breaker.open_seconds * 1000 },
    budgetPercent: retries.budget_percent,
    now,
    onBreaker(model, state) {
      const write = state === "open" ? logger.warn : logger.info;
      write.call(logger, { model, breaker: state }, `${model} ${breakerWords[state]}`);
    },
  });
  const router = new Router({
    targets,
    retries: {
      maxRetries: retries.max_retries,
      baseDelayMs: retries.base_delay_ms,
      maxDelayMs: retries.max_delay_ms,
      budgetPercent: retries.budget_percent,
    },
    random: Math.random,
    onRetry: (event) =>
      logger.info(describeRetry(event), "fallback" in event.next ? "the next model is asked" : "a call is repeated"),
  });
  return {
    sources,
    router,
    async close() {
      await Promise.all(sets.map((set) => set.close()));
    },
  };
}

/** The routes of a configuration. */
export function routesOf({ model_routes: routes }: Configuration): Record<string, RouteEntry[]> {
  return Object.fromEntries(
    Object.entries(routes).map(([name, entries]) => [
      name,
      entries.map((entry) => (typeof entry === "string" ? { model: entry } : entry)),
    ]),
  );
}
