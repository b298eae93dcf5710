import { nearestName } from "../nearest.ts";
import { anyName, type ConfigurationKey, configurationKeys, keyAt } from "./keys.ts";
import type { Override } from "./override.ts";
import type { Environment } from "./paths.ts";
import type { Problem } from "./problems.ts";
import { type ProviderVariable, providerVariables } from "./provider-variables.ts";
import { readValue } from "./read-value.ts";
import { formatPath, type Section, withValue } from "./tree.ts";

/** What the environment says. */
interface EnvironmentReading {
  overrides: Override[];
  problems: Problem[];
  warnings: string[];
}

const prefix = "VIBECTL_SERVER_";

/**
 * The variable that sets a key, whichever it is.
 *
 * @param path - The key and those above it.
 */
export function variableOf(path: readonly string[]): string {
  return `${prefix}${path.join("_").toUpperCase().replaceAll("-", "_")}`;
}

/** Every variable that sets a key, the preferred one first. */
export function variablesOf({ path, meta }: ConfigurationKey): string[] {
  return [...(meta.variables ?? []), variableOf(path), ...(meta.oldVariable ? [meta.oldVariable] : [])];
}

function toOverride(key: ConfigurationKey, variable: string, text: string): Override | Problem {
  const read = readValue(key, text);
  if (read.ok) return { path: key.path, value: read.value, origin: variable };
  return { place: variable, text: `${formatPath(key.path)}: ${read.reason}` };
}

function conflict(variable: string, other: string): Problem {
  return { place: other, text: `${variable} and ${other} are both set, and they differ: unset ${other}` };
}

function readKey(key: ConfigurationKey, environment: Environment, warnings: string[]): (Override | Problem)[] {
  const isSet = (text: string | undefined) => !!text && !(key.kind === "number" && isAddress(text));
  const [variable, ...others] = variablesOf(key).filter((name) => isSet(environment[name]));
  if (variable === undefined) return [];
  const text = environment[variable] ?? "";
  const other = others.find((name) => environment[name] !== text);
  if (other) return [conflict(variable, other)];
  if (variable === key.meta.oldVariable) {
    warnings.push(`${variable} is deprecated; the variable's name is ${key.meta.variables?.[0]}`);
  }
  return [toOverride(key, variable, text)];
}

function readProviderKey({ variable, path, text }: ProviderVariable, all: readonly ProviderVariable[]) {
  const key = keyAt(path);
  const before = all.find((each) => formatPath(each.path) === formatPath(path));
  if (!key || !before) return [];
  if (before.variable === variable) return [toOverride(key, variable, text)];
  return before.text === text ? [] : [conflict(before.variable, variable)];
}

/** Such as `tcp://10.0.0.1:50051`, which Kubernetes puts into `VIBECTL_SERVER_SERVER_PORT` for a Service of that name. */
function isAddress(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

/** Kubernetes sets such variables for every Service, also for one that is named vibectl-server. */
function isOfKubernetes(name: string, value: string): boolean {
  return /_SERVICE_HOST$|_SERVICE_PORT(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) || isAddress(value);
}

const ownPrefixes = /^VIBECTL_(SERVER|TLS|JWT)_/;
/** The client keeps its token there. */
const clientVariable = "VIBECTL_JWT_TOKEN";

/** A misspelt variable would be passed over in silence. */
function unknownVariables(environment: Environment, known: ReadonlySet<string>): string[] {
  return Object.entries(environment).flatMap(([name, value = ""]) => {
    if (!ownPrefixes.test(name) || known.has(name) || name === clientVariable) return [];
    if (value === "" || isOfKubernetes(name, value)) return [];
    // Most keys are in the section `server`, whose name is easily left out.
    const whole = `${prefix}SERVER_${name.slice(prefix.length)}`;
    const close = known.has(whole) ? whole : (nearestName(name, [...known]) ?? nearestName(whole, [...known]));
    return [`The variable ${name} sets nothing${close ? `; did you mean ${close}?` : ""}`];
  });
}

/** The content with all providers as one variable gives them. */
function withProviders(content: Section, read: readonly (Override | Problem)[]): Section {
  const given = read.find((each) => "path" in each && formatPath(each.path) === "providers");
  return given && "value" in given ? withValue(content, ["providers"], given.value) : content;
}

/**
 * Reads the keys that the environment sets. An empty variable counts as unset.
 *
 * @param environment - Its variables.
 * @param content - The configuration file's content, which names providers.
 */
export function readEnvironment(environment: Environment, content: Section): EnvironmentReading {
  const warnings: string[] = [];
  const keys = configurationKeys().filter(({ path }) => !path.includes(anyName));
  const ofKeys = keys.flatMap((key) => readKey(key, environment, warnings));
  const ofProviders = providerVariables(environment, withProviders(content, ofKeys));
  const results = [...ofKeys, ...ofProviders.flatMap((each) => readProviderKey(each, ofProviders))];
  const known = new Set([
    `${prefix}CONFIG`,
    ...keys.flatMap(variablesOf),
    ...ofProviders.map(({ variable }) => variable),
  ]);
  return {
    overrides: results.filter((each) => "path" in each),
    problems: results.filter((each) => "place" in each),
    warnings: [...warnings, ...unknownVariables(environment, known)],
  };
}
