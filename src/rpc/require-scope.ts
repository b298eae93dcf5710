import { PermissionDeniedError } from "../errors.ts";
import type { CallContext } from "./context.ts";
import type { Middleware } from "./middleware.ts";

/** Who may call what. */
export interface ScopeRules {
  /** The scopes that a call's bearer has; undefined where nothing binds it, as without a token. */
  grantedTo(context: CallContext): readonly string[] | undefined;
  /**
   * The scopes of which a method needs one.
   *
   * @param path - Such as `/vibectl.llm_proxy.VibectlLLMProxy/Execute`.
   */
  neededFor(path: string): readonly string[];
}

/**
 * Lets only calls pass whose bearer has a scope that the method needs (RFC 6749, section 3.3). It goes after whatever finds
 * out who the bearer is, and throws PermissionDeniedError.
 */
export function requireScope({ grantedTo, neededFor }: ScopeRules): Middleware {
  return (next) => (request, context) => {
    const granted = grantedTo(context);
    const needed = neededFor(context.path);
    if (granted !== undefined && !needed.some((scope) => granted.includes(scope))) {
      const wanted = needed.join(" or ");
      return Promise.reject(
        new PermissionDeniedError(`this token may not call ${context.method}: it lacks the scope ${wanted}`),
      );
    }
    return next(request, context);
  };
}
