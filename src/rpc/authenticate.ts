import { UnauthenticatedError } from "../errors.ts";
import { type CallContext, createContextKey } from "./context.ts";
import type { Middleware } from "./middleware.ts";

/** Who a call is from. */
export interface Caller {
  /** The name that their token was issued to. */
  readonly subject: string;
}

/** Who the call is from; undefined before {@link authenticate} has run, or where the server asks for no token. */
export const callerKey = createContextKey<Caller | undefined>("caller", undefined);

export interface AuthenticateOptions {
  /**
   * Finds out whose token it is.
   *
   * @throws UnauthenticatedError when it is nobody's.
   */
  verify(token: string, context: CallContext): Promise<Caller>;
}

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * Lets only calls with a good token pass, and leaves its bearer in the context under {@link callerKey}.
 *
 * The middleware throws UnauthenticatedError for a token that is missing, malformed or refused: its message is for the
 * log, the caller learns no more than that they were refused.
 *
 * @param options - How a token is checked.
 */
export function authenticate({ verify }: AuthenticateOptions): Middleware {
  return (next) => async (request, context) => {
    const caller = await verify(readToken(context.metadata("authorization")), context);
    context.set(callerKey, caller);
    return next(request, context);
  };
}

function readToken(values: readonly string[]): string {
  const [value, ...others] = values;
  if (value === undefined) {
    throw new UnauthenticatedError("the call carries no authorization metadata");
  }
  if (others.length > 0) {
    throw new UnauthenticatedError(`the call carries ${values.length} authorization values`);
  }
  const token = bearer.exec(value)?.[1];
  if (token === undefined) {
    throw new UnauthenticatedError("the call's authorization is not of the form `Bearer TOKEN`");
  }
  return token;
}
