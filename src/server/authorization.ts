import type { Scope, TokenClaims } from "../auth/claims.ts";
import { matchesModel } from "../auth/model-patterns.ts";
import { VibectlLLMProxy } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { callerKey } from "../rpc/authenticate.ts";
import { type CallContext, createContextKey } from "../rpc/context.ts";
import type { Middleware } from "../rpc/middleware.ts";
import { requireScope } from "../rpc/require-scope.ts";

/** What the call's token says; undefined where there is none. */
export const claimsKey = createContextKey<TokenClaims | undefined>("claims", undefined);

/** vibectl asks for the models before it executes anything: who may execute may ask. */
const scopesOf: Readonly<Record<string, readonly Scope[]>> = {
  Execute: ["execute"],
  StreamExecute: ["execute"],
  GetServerInfo: ["info", "execute"],
};

const service = `/${VibectlLLMProxy.typeName}/`;

function neededFor(path: string): readonly Scope[] {
  const method = path.startsWith(service) ? path.slice(service.length) : "";
  return scopesOf[method] ?? ["admin"];
}

/** A certificate says nothing of scopes. */
const scopesOfCertificates: readonly Scope[] = ["info", "execute"];

/** The scopes that bind a call; undefined where nobody is asked who they are. */
function grantedTo(context: CallContext): readonly Scope[] | undefined {
  const claims = context.get(claimsKey);
  return claims ? claims.scopes : context.get(callerKey) && scopesOfCertificates;
}

/** Lets a token be used for what its scopes are for, and a certificate for all that callers usually do. */
export function authorize(): Middleware {
  return requireScope({ grantedTo, neededFor });
}

/**
 * Whether a call's token may be used for a model.
 *
 * @param names - The model's id and its aliases.
 */
export function mayUseModel(context: CallContext, names: readonly string[]): boolean {
  const patterns = context.get(claimsKey)?.models;
  return patterns === undefined || matchesModel(patterns, names);
}
