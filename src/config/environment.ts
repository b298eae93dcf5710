import { ConfigurationError } from "../errors.ts";
import type { Environment } from "./paths.ts";
import { type EnvironmentBinding, environmentBindings } from "./schema.ts";

/** A value from outside the file. */
export interface Override {
  /** The key, such as `server.port`. */
  path: string;
  value: unknown;
  /** What set it, such as `--port` or `VIBECTL_TLS_ENABLED`. */
  origin: string;
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

function convert({ variable, kind }: EnvironmentBinding, text: string): unknown {
  if (kind === "text") return text;
  const value = kind === "boolean" ? truths.get(text.trim().toLowerCase()) : Number(text.trim() || Number.NaN);
  if (value !== undefined && !Number.isNaN(value)) return value;
  const [lack, example] = kind === "boolean" ? ["neither true nor false", "true or false"] : ["no number", "a number"];
  throw new ConfigurationError(`${variable} is ${JSON.stringify(text)}, which is ${lack}`, {
    hint: `Set ${variable} to ${example}, or unset it.`,
  });
}

/**
 * The keys that the environment sets. An empty variable counts as unset.
 *
 * @throws ConfigurationError that names a variable whose value can't be what its key needs.
 */
export function overridesFrom(environment: Environment): Override[] {
  return environmentBindings().flatMap((binding) => {
    const text = environment[binding.variable];
    if (text === undefined || text === "") return [];
    return [{ path: binding.path, value: convert(binding, text), origin: binding.variable }];
  });
}
