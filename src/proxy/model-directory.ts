import { distance } from "fastest-levenshtein";
import { ModelError } from "../errors.ts";
import type { Provider, ProviderModel } from "../providers/provider.ts";
import { knownAliases, namesByRule, preferredDefaults } from "./known-names.ts";

/** A model that callers can ask for. */
export interface OfferedModel extends ProviderModel {
  /** `provider/name`. */
  id: string;
  provider: Provider;
  /** Other names that it answers to. */
  aliases: string[];
}

/** What is on offer at one time. */
export interface Offer {
  models: readonly OfferedModel[];
  /** Every model by its id and by each of its other names. */
  byName: ReadonlyMap<string, OfferedModel>;
}

/** How a directory is made. */
export interface DirectoryOptions {
  /** In order of preference: the first one to claim a bare name has it. */
  providers: readonly Provider[];
  /** The operator's own aliases: other name → model. */
  aliases: Readonly<Record<string, string>>;
  /** Told when a provider's list can't be had. */
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

function assemble(models: OfferedModel[], aliases: Readonly<Record<string, string>>): Offer {
  const byName = new Map<string, OfferedModel>();
  for (const model of models) claim(byName, model.id, model);
  const own = Object.entries(aliases);
  const byRule = new Map<string, OfferedModel>();
  for (const model of models) {
    for (const name of namesByRule(model.provider.name, model.name)) {
      if (!byRule.has(name)) byRule.set(name, model);
    }
  }
  for (const [name, target] of own) {
    const model = byName.get(target) ?? byRule.get(target);
    if (model) claim(byName, name, model);
  }
  for (const [name, targets] of Object.entries(knownAliases)) {
    const model = targets.map((target) => byName.get(target)).find((found) => found !== undefined);
    if (model) claim(byName, name, model);
  }
  for (const [name, model] of byRule) claim(byName, name, model);
  return { models, byName };
}

/** Knows which models are on offer and by which names. */
export class ModelDirectory {
  readonly #options: Required<DirectoryOptions>;
  readonly #lists = new Map<Provider, readonly ProviderModel[]>();
  #offer: Offer | undefined;
  #staleAt = 0;
  #refreshing: Promise<Offer> | undefined;

  constructor(options: DirectoryOptions) {
    this.#options = { refreshAfterMs: 60_000, timeoutMs: 5_000, ...options };
  }

  /** What is on offer; at most `refreshAfterMs` old. */
  async offer(): Promise<Offer> {
    if (this.#offer && performance.now() < this.#staleAt) return this.#offer;
    return await this.#refresh();
  }

  /**
   * Finds a model by id or alias.
   *
   * @throws ModelError MODEL_NOT_FOUND with the nearest names.
   */
  async resolve(name: string): Promise<OfferedModel> {
    const known = this.#offer?.byName.get(name);
    if (known) {
      if (performance.now() >= this.#staleAt) void this.#refresh();
      return known;
    }
    const { byName, models } = await this.offer();
    const model = byName.get(name);
    if (model) return model;
    const close = [...byName.keys()]
      .map((candidate) => ({ candidate, far: distance(name, candidate) }))
      .filter(({ far }) => far <= Math.max(2, name.length / 3))
      .sort((a, b) => a.far - b.far)
      .slice(0, 3)
      .map(({ candidate }) => candidate);
    const some = models.slice(0, 5).map(({ id }) => id);
    throw new ModelError("MODEL_NOT_FOUND", `There is no model ${JSON.stringify(name.slice(0, 200))} on this server`, {
      hint:
        close.length > 0
          ? `Did you mean ${close.join(" or ")}?`
          : models.length > 0
            ? `It offers ${some.join(", ")}${models.length > some.length ? ` and ${models.length - some.length} more` : ""}.`
            : "It offers none at the moment: its providers can't be reached.",
    });
  }

  /** The model that is the default when nobody chose one. */
  async preferredDefault(): Promise<OfferedModel | undefined> {
    const { models, byName } = await this.offer();
    const [first] = models;
    const own = preferredDefaults.map((id) => byName.get(id)).filter((model) => model !== undefined);
    return own.find((model) => model.provider === first?.provider) ?? first;
  }

  #refresh(): Promise<Offer> {
    this.#refreshing ??= this.#load().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #load(): Promise<Offer> {
    const { providers, aliases, onProblem, refreshAfterMs, timeoutMs } = this.#options;
    let complete = true;
    await Promise.all(
      providers.map(async (provider) => {
        try {
          this.#lists.set(provider, await provider.models(AbortSignal.timeout(timeoutMs)));
        } catch (problem) {
          complete = false;
          onProblem(provider.name, problem);
        }
      }),
    );
    const models = providers.flatMap((provider) =>
      (this.#lists.get(provider) ?? []).map((model) => ({
        ...model,
        id: `${provider.name}/${model.name}`,
        provider,
        aliases: [],
      })),
    );
    this.#offer = assemble(models, aliases);
    this.#staleAt = performance.now() + (complete ? refreshAfterMs : Math.min(retryAfterMs, refreshAfterMs));
    return this.#offer;
  }
}
