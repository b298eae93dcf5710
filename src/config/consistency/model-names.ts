import { showPath } from "../problems.ts";
import type { Configuration } from "../schema.ts";
import { type Contradiction, contradiction, type Path } from "./contradiction.ts";

type Names = Pick<Configuration, "model_aliases" | "model_routes" | "model_fallbacks">;

function aliasCircles({ model_aliases: aliases }: Names): Contradiction[] {
  const circular = new Set<string>();
  const seen = new Set<string>();
  for (const alias of Object.keys(aliases)) {
    const trail: string[] = [];
    let name: string | undefined = alias;
    while (name !== undefined && !seen.has(name)) {
      seen.add(name);
      trail.push(name);
      name = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
    }
    const start = name === undefined ? -1 : trail.indexOf(name);
    for (const each of start < 0 ? [] : trail.slice(start)) circular.add(each);
  }
  return [...circular].map((alias) => {
    const path = ["model_aliases", alias];
    return contradiction(path, `${showPath(path)} leads back to itself: let one name a model`);
  });
}

/** What an alias stands for in the end; of aliases in a circle any. */
function targetOf(name: string, { model_aliases: aliases }: Names): string {
  const seen = new Set<string>();
  let target = name;
  while (Object.hasOwn(aliases, target) && !seen.has(target)) {
    seen.add(target);
    target = aliases[target] ?? "";
  }
  return target;
}

/** A name in a message: as in a path, one that looks like a secret is not repeated. */
const shown = (name: string) => showPath([name]);

/** An alias or a list that names a route would get its first model only. */
function namesRoute(path: Path, name: string, names: Names): Contradiction[] {
  if (!Object.hasOwn(names.model_routes, name)) return [];
  const route = ["model_routes", name];
  const text = `${showPath(path)} names ${shown(name)}, which is a route itself: name its models instead`;
  return [contradiction(path, text, [path, route])];
}

function aliasesOfRoutes(names: Names): Contradiction[] {
  return Object.entries(names.model_aliases).flatMap(([alias, target]) => {
    const path = ["model_aliases", alias];
    if (Object.hasOwn(names.model_routes, alias)) {
      const route = ["model_routes", alias];
      const text = `${showPath(path)} and ${showPath(route)} are both set: a name is an alias or a route`;
      return [contradiction(path, text, [path, route])];
    }
    return namesRoute(path, target, names);
  });
}

/** Models of a list that it names before, also where one of the two is an alias. */
function repeated(path: Path, models: readonly string[], names: Names): Contradiction[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const model of models) {
    const target = targetOf(model, names);
    if (seen.has(target)) twice.add(model);
    seen.add(target);
  }
  return [...twice].map((model) => contradiction(path, `${showPath(path)} names ${shown(model)} twice: remove one`));
}

function routeEntries(names: Names): Contradiction[] {
  return Object.entries(names.model_routes).flatMap(([route, entries]) => {
    const path = ["model_routes", route];
    const models = entries.map((entry) => (typeof entry === "string" ? entry : entry.model));
    const own = models.includes(route) ? [`${showPath(path)} leads back to itself: let it name models`] : [];
    const weights = entries.flatMap((entry) => (typeof entry === "string" ? [] : (entry.weight ?? [])));
    if (weights.length > 0 && weights.every((weight) => weight === 0)) {
      own.push(`${showPath(path)} has no weight above 0: raise one, or leave all of them out`);
    }
    return [
      ...own.map((text) => contradiction(path, text)),
      ...models.filter((model) => model !== route).flatMap((model) => namesRoute(path, model, names)),
      ...repeated(path, models, names),
    ];
  });
}

function fallbackEntries(names: Names): Contradiction[] {
  return Object.entries(names.model_fallbacks).flatMap(([name, models]) => {
    const path = ["model_fallbacks", name];
    const isOwn = (model: string) =>
      model === name || (name !== "*" && targetOf(model, names) === targetOf(name, names));
    const own = models.some(isOwn) ? [`${showPath(path)} names itself: let another model answer when it fails`] : [];
    if (name !== "*" && models.includes("*")) own.push(`${showPath(path)} names *, which is no model: remove it`);
    return [
      ...own.map((text) => contradiction(path, text)),
      ...models.filter((model) => model !== name).flatMap((model) => namesRoute(path, model, names)),
      ...repeated(path, models, names),
    ];
  });
}

/** What is wrong with the names that the operator gives to models. */
export function modelNameContradictions(names: Names): Contradiction[] {
  return [...aliasCircles(names), ...aliasesOfRoutes(names), ...routeEntries(names), ...fallbackEntries(names)];
}
