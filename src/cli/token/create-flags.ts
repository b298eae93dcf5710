import type { ArgsDef } from "citty";
import { type Scope, scopes, type TokenLimits } from "../../auth/claims.ts";
import { checkPattern } from "../../auth/model-patterns.ts";
import { shown } from "../../auth/shown-text.ts";
import { objectionToSubject } from "../../auth/subject.ts";
import { UsageError } from "../../errors.ts";
import { nearestName } from "../../nearest.ts";
import { configArg } from "../config/config-file.ts";
import { looksLikeMinutes, parseDuration } from "../duration.ts";
import { type Repeatable, valuesOf } from "../invoke.ts";
import { jsonArg } from "../json.ts";
import { parseUrlFlag, type UrlTarget } from "./url-flag.ts";

/** What `token create` takes. */
export const createArgs = {
  subject: { type: "positional", required: true, description: "Who will bear it, such as a user or host name" },
  "expires-in": {
    type: "string",
    valueHint: "30d",
    description: "How long it is valid: s, min, h, d, w, m (months), y; jwt.expiration_days when left out",
  },
  model: {
    type: "string",
    valueHint: "glob",
    description: "Models that it may use, such as anthropic/*; may be given more than once; all when left out",
    repeatable: true,
  },
  scope: {
    type: "string",
    valueHint: scopes.join("|"),
    description: "What it may do; may be given more than once; execute and info when left out",
    repeatable: true,
  },
  "max-rpm": { type: "string", valueHint: "n", description: "Most requests in any minute" },
  "max-concurrent": { type: "string", valueHint: "n", description: "Most requests at the same time" },
  "max-input-length": { type: "string", valueHint: "n", description: "Most characters of a request" },
  "request-timeout": { type: "string", valueHint: "seconds", description: "Seconds until a request is given up" },
  output: { type: "string", valueHint: "file", description: "File to write it to, readable by its owner alone" },
  force: { type: "boolean", description: "Replace what --output names also where it holds no token" },
  url: {
    type: "string",
    valueHint: "host[:port]",
    description: "Print the URL that clients take, with the token in it; the configuration's port when left out",
  },
  tls: {
    type: "boolean",
    description: "The URL is one with TLS; as the configuration has it when left out",
    negativeDescription: "The URL is one without TLS",
  },
  unlisted: { type: "boolean", description: "Don't keep in the state folder that it was issued" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef & Record<string, Repeatable>;

/** The values of {@link createArgs}. */
export interface CreateFlags {
  subject: string;
  "expires-in"?: string | undefined;
  "max-rpm"?: string | undefined;
  "max-concurrent"?: string | undefined;
  "max-input-length"?: string | undefined;
  "request-timeout"?: string | undefined;
  output?: string | undefined;
  force?: boolean | undefined;
  url?: string | undefined;
  tls?: boolean | undefined;
  unlisted?: boolean | undefined;
  json?: boolean | undefined;
  config?: string | undefined;
}

/** What is asked for. */
export interface CreateRequest {
  subject: string;
  /** Undefined: as the configuration has it. */
  lifetimeSeconds: number | undefined;
  /** Whether somebody may have meant minutes. */
  maybeMinutes: boolean;
  models: readonly string[] | undefined;
  scopes: readonly Scope[] | undefined;
  limits: TokenLimits;
  url: UrlTarget | undefined;
  output: string | undefined;
  /** Whether the output replaces what holds no token. */
  force: boolean;
  unlisted: boolean;
  json: boolean;
}

const mostModels = 100;

function readSubject(text: string): string {
  const objection = objectionToSubject(text);
  if (objection === undefined) return text;
  throw new UsageError(`SUBJECT is ${shown(text)}, which ${objection}`, {
    hint: "Use 1 to 256 printable characters, such as a user or host name.",
  });
}

function readModels(patterns: readonly string[]): readonly string[] | undefined {
  for (const pattern of patterns) {
    const problem = checkPattern(pattern);
    if (problem === undefined) continue;
    throw new UsageError(`--model is ${shown(pattern)}, which ${problem}`, {
      hint: "Write a model's name, with * for any characters: anthropic/*, *-mini.",
    });
  }
  if (patterns.length > mostModels) {
    throw new UsageError(`--model is given ${patterns.length} times; ${mostModels} are allowed`, {
      hint: "Use patterns: anthropic/* is all models of that provider.",
    });
  }
  return patterns.length === 0 ? undefined : patterns;
}

function readScopes(values: readonly string[]): readonly Scope[] | undefined {
  const names = values.flatMap((value) => value.split(","));
  const found = names.map((name) => {
    const scope = scopes.find((each) => each === name);
    if (scope !== undefined) return scope;
    const near = nearestName(name, scopes);
    throw new UsageError(`--scope is ${shown(name)}, but may be execute, info, admin`, {
      hint:
        near === undefined ? "Several stand behind each other, with a comma between them." : `Did you mean ${near}?`,
    });
  });
  return found.length === 0 ? undefined : scopes.filter((scope) => found.includes(scope));
}

function readLimit(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const limit = /^[0-9]{1,16}$/.test(text) ? Number(text) : 0;
  if (limit > 0 && Number.isSafeInteger(limit)) return limit;
  throw new UsageError(`${flag} is ${shown(text)}, which is no whole number from 1 to ${Number.MAX_SAFE_INTEGER}`, {
    hint: "Leave it out for the server's own limit.",
  });
}

function readLimits(flags: CreateFlags): TokenLimits {
  const given = {
    maxRequestsPerMinute: readLimit(flags["max-rpm"], "--max-rpm"),
    maxConcurrentRequests: readLimit(flags["max-concurrent"], "--max-concurrent"),
    maxInputLength: readLimit(flags["max-input-length"], "--max-input-length"),
    requestTimeoutSeconds: readLimit(flags["request-timeout"], "--request-timeout"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined));
}

function readUrl({ url, tls }: CreateFlags): UrlTarget | undefined {
  if (url !== undefined) return { ...parseUrlFlag(url), tls };
  if (tls === undefined) return undefined;
  throw new UsageError(`${tls ? "--tls" : "--no-tls"} is for the URL that --url prints`, { hint: "Give --url too." });
}

/**
 * Reads the flags of `token create`.
 *
 * @param rawArgs - The command's arguments as they were given.
 * @throws UsageError that names the flag, its value, and what may stand there.
 */
export function readCreateFlags(flags: CreateFlags, rawArgs: readonly string[]): CreateRequest {
  const expiresIn = flags["expires-in"];
  return {
    subject: readSubject(flags.subject),
    lifetimeSeconds: expiresIn === undefined ? undefined : parseDuration(expiresIn, "--expires-in"),
    maybeMinutes: expiresIn !== undefined && looksLikeMinutes(expiresIn),
    models: readModels(valuesOf(rawArgs, "model")),
    scopes: readScopes(valuesOf(rawArgs, "scope")),
    limits: readLimits(flags),
    url: readUrl(flags),
    output: flags.output,
    force: flags.force ?? false,
    unlisted: flags.unlisted ?? false,
    json: flags.json ?? false,
  };
}
