import { UnauthenticatedError } from "../errors.ts";
import { type CallContext, createContextKey } from "./context.ts";
import { type ClientIdentification, identifyClient } from "./identify-client.ts";
import type { Middleware } from "./middleware.ts";

/** Who a call is from. */
export interface Caller {
  /** The name that their token or certificate was issued to. */
  readonly subject: string;
  /** What says so. */
  readonly by: "token" | "certificate" | "both";
}

/** Who the call is from; undefined before {@link authenticate} has run, and where a call may be from anyone. */
export const callerKey = createContextKey<Caller | undefined>("caller", undefined);

/** How callers are told from each other. Both are asked for at each call, so that they may change. */
export interface AuthenticateOptions {
  /**
   * Finds out whose token it is. Where absent, no token is needed, and none is looked at.
   *
   * @throws UnauthenticatedError when it is nobody's.
   */
  readonly verify?: ((token: string, context: CallContext) => Promise<{ readonly subject: string }>) | undefined;
  /** Where absent, certificates are not looked at. */
  readonly certificates?: ClientIdentification | undefined;
}

/** RFC 6750, section 2.1; the scheme's case does not matter (RFC 9110, section 11.1). */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * Lets only calls pass that show who they are from, and leaves that in the context under {@link callerKey}.
 *
 * A certificate stands in for a token. Where a call has both, both must be the same subject's. Where no token is needed,
 * a call without a certificate passes too, unless one is required, and then has no caller.
 *
 * The middleware throws UnauthenticatedError for a token or certificate that is missing, malformed, refused, or at odds
 * with the other one: its message is for the log, the caller learns no more than that they were refused.
 *
 * @param options - How tokens and certificates are checked.
 */
export function authenticate(options: AuthenticateOptions): Middleware {
  return (next) => async (request, context) => {
    if (options.verify || options.certificates) {
      context.set(callerKey, await identify(context, options));
    }
    return next(request, context);
  };
}

async function identify(context: CallContext, options: AuthenticateOptions): Promise<Caller | undefined> {
  const { certificates, verify } = options;
  const holder = certificates && identifyClient(context, certificates);
  if (!verify) {
    return holder === undefined ? undefined : { subject: holder, by: "certificate" };
  }
  const authorization = context.metadata("authorization");
  if (holder !== undefined && authorization.length === 0) {
    return { subject: holder, by: "certificate" };
  }
  const { subject } = await verify(readToken(authorization), context);
  if (holder === undefined) {
    return { subject, by: "token" };
  }
  if (holder !== subject) {
    throw new UnauthenticatedError(`the token is ${subject}'s, the client certificate is ${holder}'s`);
  }
  return { subject, by: "both" };
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
