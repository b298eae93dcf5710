import type { Provider } from "../../../src/providers/provider.ts";
import { type DirectoryOptions, ModelDirectory } from "../../../src/proxy/model-directory.ts";
import type { ModelAccess } from "../../../src/proxy/request.ts";
import { KeyRing } from "../../../src/proxy/routing/key-ring.ts";
import type { RetrySettings } from "../../../src/proxy/routing/retry-policy.ts";
import { Router } from "../../../src/proxy/routing/router.ts";
import { Targets } from "../../../src/proxy/routing/targets.ts";
import { WorkerPlaces } from "../../../src/proxy/worker-places.ts";

const now = () => performance.now();

/** Retries that no test waits for. */
const soon: RetrySettings = { maxRetries: 2, baseDelayMs: 1, maxDelayMs: 50, budgetPercent: 100 };

/** What a test says of its models. */
export interface AccessOptions extends Partial<DirectoryOptions> {
  providers: readonly Provider[];
  retries?: Partial<RetrySettings>;
  /** Failures in a row after which a model is left alone. */
  failures?: number;
}

/** Puts providers behind a directory and a router, each with one key. */
export function accessTo({ providers, retries, failures = 1000, ...options }: AccessOptions): ModelAccess {
  const directory = new ModelDirectory({
    aliases: {},
    onProblem: (_provider, problem) => {
      throw problem;
    },
    ...options,
    providers,
  });
  const reaches = providers.map((provider) => {
    const keys = new KeyRing([{ label: "", weight: 1, provider }], "round_robin", now);
    return [provider.name, { keys, limitMs: undefined }] as const;
  });
  const targets = new Targets({
    providers: new Map(reaches),
    breaker: { failures, openMs: 60_000 },
    budgetPercent: 100,
    now,
    onBreaker: () => undefined,
  });
  const router = new Router({
    targets,
    retries: { ...soon, ...retries },
    random: Math.random,
    onRetry: () => undefined,
  });
  return { directory, router };
}

/** Room for every call of a test. */
export function manyPlaces(): WorkerPlaces {
  return new WorkerPlaces({ running: 1000, waiting: 0 }, now);
}
