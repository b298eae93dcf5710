import { hostileClaims } from "./hostile/claims.ts";
import type { HostileToken } from "./hostile/forge.ts";
import { hostileHeaders } from "./hostile/headers.ts";
import { hostileShapes } from "./hostile/shapes.ts";
import { hostileSignatures } from "./hostile/signatures.ts";

/**
 * Tokens that a server has to refuse, made for one that takes HS256 with a given secret, issuer and audience, and looks for
 * models and limits in `vibectl_models` and `vibectl_limits`. The kinds are those of RFC 8725, and of flaws that were found
 * in libraries.
 */
export const hostileTokens: readonly HostileToken[] = [
  ...hostileShapes,
  ...hostileHeaders,
  ...hostileSignatures,
  ...hostileClaims,
];
