import { ModelError } from "../errors.ts";
import { nearestName } from "../nearest.ts";
import type { Provider, ProviderModel } from "../providers/provider.ts";
import { knownAliases, namesByRule, preferredDefaults } from "./known-names.ts";
import { orderByWeight, type RouteEntry } from "./routing/route.ts";

/** What models are listed by. */
export type ModelSource = Pick<Provider, "name" | "models">;

/** A model that callers can ask for. */
export interface OfferedModel extends ProviderModel {
  /** `provider/name`. */
  id: string;
  provider: ModelSource;
  /** Other names that it answers to. */
  aliases: string[];
}

/** What is on offer at one time. */
export interface Offer {
  models: readonly OfferedModel[];
  /** Every model by its id and by each of its other names. */
  byName: ReadonlyMap<string, OfferedModel>;
}

/** The models that can answer to a name. */
export interface Plan {
  /** The name, where it is a route's. */
  route: string | undefined;
  /** Those that the name stands for, best first; none where only fallbacks are on offer. */
  asked: readonly OfferedModel[];
  /** Those that answer when these fail, best first. */
  fallbacks: readonly OfferedModel[];
}

/** How a directory is made. */
export interface DirectoryOptions {
  /** In order of preference: the first one to claim a bare name has it. */
  providers: readonly ModelSource[];
  /** The operator's own aliases: other name → model or alias. */
  aliases: Readonly<Record<string, string>>;
  /** The operator's routes: name → models or aliases. */
  routes?: Readonly<Record<string, readonly RouteEntry[]>>;
  /** What answers when the models behind a name fail: name, or `*` for every one → models or aliases. */
  fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** The model that runs when a request names none; the preferred one of those on offer when undefined. */
  defaultModel?: string | undefined;
  /** Told when a provider's list can't be had, once until it can be had again. */
  onProblem(provider: string, problem: unknown): void;
  /** Milliseconds until the providers are asked for their lists again. */
  refreshAfterMs?: number;
  /** Milliseconds that asking may take. */
  timeoutMs?: number;
}

/** A list that can't be had is asked for again sooner than one that can. */
const retryAfterMs = 5_000;

function claim(byName: Map<string, OfferedModel>, name: string, model: OfferedModel): void {
  if (byName.has(name)) return;
  byName.set(name, model);
  if (name !== model.id) model.aliases.push(name);
}

/**
 * What an operator's alias stands for in the end; each alias is followed once.
 *
 * @param name - An alias, or any other name, which stands for itself.
 * @param isModel - Whether a name is a model's own id, which no alias can take from it.
 */
export function aliasTarget(
  name: string,
  aliases: Readonly<Record<string, string>>,
  isModel: (name: string) => boolean,
): string {
  const seen = new Set<string>();
  let target = name;
  while (!isModel(target) && Object.hasOwn(aliases, target) && !seen.has(target)) {
    seen.add(target);
    target = aliases[target] ?? "";
  }
  return target;
}

type Names = Pick<DirectoryOptions, "aliases" | "routes">;

function assemble(models: OfferedModel[], { aliases, routes = {} }: Names): Offer {
  const byId = new Map(models.map((model) => [model.id, model]));
  const byRule = new Map<string, OfferedModel>();
  for (const [name, targets] of Object.entries(knownAliases)) {
    const model = targets.map((target) => byId.get(target)).find((found) => found !== undefined);
    if (model) byRule.set(name, model);
  }
  for (const model of models) {
    for (const name of namesByRule(model.provider.name, model.name)) {
      if (!byRule.has(name)) byRule.set(name, model);
    }
  }
  const byName = new Map<string, OfferedModel>();
  for (const model of models) claim(byName, model.id, model);
  const find = (name: string) => {
    const target = aliasTarget(name, aliases, (candidate) => byId.has(candidate));
    return byId.get(target) ?? byRule.get(target);
  };
  // Clients take a route for another name of its first model.
  for (const [name, entries] of Object.entries(routes)) {
    const model = entries.map((entry) => find(entry.model)).find((found) => found !== undefined);
    if (model) claim(byName, name, model);
  }
  for (const name of Object.keys(aliases)) {
    const model = find(name);
    if (model) claim(byName, name, model);
  }
  // A name that the operator has given away stays given away, also while what it stands for is not on offer.
  const isGiven = (name: string) => Object.hasOwn(aliases, name) || Object.hasOwn(routes, name);
  for (const [name, model] of byRule) if (!isGiven(name)) claim(byName, name, model);
  return { models, byName };
}

/** Knows which models are on offer and by which names. */
export class ModelDirectory {
  readonly #options: DirectoryOptions & { refreshAfterMs: number; timeoutMs: number };
  readonly #lists = new Map<ModelSource, readonly ProviderModel[]>();
  readonly #failing = new Set<ModelSource>();
  #offer: Offer | undefined;
  #staleAt = 0;
  #refreshing: Promise<Offer> | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = { refreshAfterMs: 60_000, timeoutMs: 5_000, ...options };
  }

  /** What is on offer. A list that has grown old is given all the same, and renewed meanwhile. */
  async offer(): Promise<Offer> {
    if (!this.#offer) return await this.#refresh();
    if (this.#isStale()) void this.#refresh();
    return this.#offer;
  }

  /**
   * Finds a model by id or alias.
   *
   * @param isTold - Whether a model may be told of, where there is none of that name.
   * @throws ModelError MODEL_NOT_FOUND with the nearest name.
   */
  async resolve(name: string, isTold: (model: OfferedModel) => boolean = () => true): Promise<OfferedModel> {
    const { byName } = await this.offer();
    const known = byName.get(name);
    if (known) return known;
    const offer = this.#refreshing ? await this.#refreshing : { byName, models: this.#offer?.models ?? [] };
    const model = offer.byName.get(name);
    if (model) return model;
    throw new ModelError("MODEL_NOT_FOUND", `There is no model ${JSON.stringify(name.slice(0, 200))} on this server`, {
      hint: describeChoice(name.slice(0, 200), offer, isTold),
    });
  }

  /**
   * The models that can answer to a name, best first: those of a route, or the one that the name stands for, and then its
   * fallbacks.
   *
   * @param name - A route, a model's id or an alias.
   * @param random - A number from 0 up to, and without, 1, for routes with weights.
   * @param isTold - As for `resolve`.
   * @throws ModelError MODEL_NOT_FOUND when none is on offer.
   */
  async plan(name: string, random: () => number, isTold?: (model: OfferedModel) => boolean): Promise<Plan> {
    const { routes = {}, fallbacks = {} } = this.#options;
    const { byName } = await this.offer();
    const isRoute = Object.hasOwn(routes, name) && byName.get(name)?.id !== name;
    const names = isRoute ? orderByWeight(routes[name] ?? [], random).map(({ model }) => model) : [name];
    const asked = [...new Set(names.flatMap((each) => byName.get(each) ?? []))];
    const key = [name, ...asked.map(({ id }) => id), "*"].find((each) => Object.hasOwn(fallbacks, each));
    const others = new Set(key === undefined ? [] : (fallbacks[key] ?? []).flatMap((each) => byName.get(each) ?? []));
    const plan = {
      route: isRoute ? name : undefined,
      asked,
      fallbacks: [...others].filter((each) => !asked.includes(each)),
    };
    // A name that nobody knows gets no answer by way of a fallback for all names.
    if (asked.length > 0 || (plan.fallbacks.length > 0 && key !== "*")) return plan;
    return { ...plan, asked: [await this.resolve(name, isTold)] };
  }

  /** The name of the model that runs when a request names none. Undefined when there is none. */
  async defaultModel(): Promise<string | undefined> {
    if (this.#options.defaultModel !== undefined) return this.#options.defaultModel;
    const { models, byName } = await this.offer();
    const [first] = models;
    const preferred = preferredDefaults.map((id) => byName.get(id)).filter((model) => model !== undefined);
    return (preferred.find((model) => model.provider === first?.provider) ?? first)?.id;
  }

  #isStale(): boolean {
    return performance.now() >= this.#staleAt;
  }

  #refresh(): Promise<Offer> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #load(): Promise<Offer> {
    const { providers, refreshAfterMs } = this.#options;
    await Promise.all(providers.map((provider) => this.#list(provider)));
    const models = providers.flatMap((provider) =>
      (this.#lists.get(provider) ?? []).map((model) => ({
        ...model,
        id: `${provider.name}/${model.name}`,
        provider,
        aliases: [],
      })),
    );
    this.#offer = assemble(models, this.#options);
    const waitMs = this.#failing.size > 0 ? Math.min(retryAfterMs, refreshAfterMs) : refreshAfterMs;
    this.#staleAt = performance.now() + waitMs;
    return this.#offer;
  }

  async #list(provider: ModelSource): Promise<void> {
    const { onProblem, timeoutMs } = this.#options;
    try {
      this.#lists.set(provider, await provider.models(AbortSignal.timeout(timeoutMs)));
      this.#failing.delete(provider);
    } catch (problem) {
      if (!this.#failing.has(provider)) onProblem(provider.name, problem);
      this.#failing.add(provider);
    }
  }
}

function describeChoice(name: string, offer: Offer, isTold: (model: OfferedModel) => boolean): string {
  const models = offer.models.filter(isTold);
  const names = [...offer.byName].flatMap(([each, model]) => (isTold(model) ? [each] : []));
  const near = nearestName(name, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (offer.models.length === 0) return "It offers none at the moment: its providers can't be reached.";
  if (models.length === 0) return "This token may not use any of those that it offers.";
  const some = models.slice(0, 5).map(({ id }) => id);
  const more = models.length > some.length ? ` and ${models.length - some.length} more` : "";
  return `It offers ${some.join(", ")}${more}.`;
}
