import { status } from "@grpc/grpc-js";
import type { GetServerInfoResponse } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { formatSpan, formatTime } from "../time.ts";
import { type CallFailure, callFailureOf, explainCall } from "./call-failure.ts";
import type { CallLimits, Channel } from "./channel.ts";
import { StepTimeout } from "./deadline.ts";
import { printable } from "./display-text.ts";
import { type Finding, StepFailure } from "./step.ts";
import { readClaims, type Token, type TokenClaims } from "./token.ts";

/** What a server answered to the first call. */
export type FirstAnswer =
  | { readonly answered: true; readonly info: GetServerInfoResponse }
  | { readonly answered: false; readonly failure: CallFailure };

function expiryOf({ expiresAt }: TokenClaims, now: Date): string {
  if (expiresAt === undefined) return "never expires";
  const left = expiresAt.getTime() - now.getTime();
  const span = left > 0 ? `in ${formatSpan(left)}` : `${formatSpan(-left)} ago`;
  return `${left > 0 ? "expires" : "expired"} ${span}, on ${formatTime(expiresAt)}`;
}

/** A URL stands on the command line. */
function exposureOf({ fromUrl }: Token): string[] {
  if (!fromUrl) return [];
  return ["The process list and the shell's history show it there; --jwt-path FILE and VIBECTL_JWT_TOKEN don't"];
}

function describeToken(token: Token, now: Date): string[] {
  const claims = readClaims(token.value);
  if (claims === undefined) return [`Token from ${token.source}: no JWT`, ...exposureOf(token)];
  return [
    `Token from ${token.source}: it ${expiryOf(claims, now)}`,
    ...exposureOf(token),
    `Subject ${printable(claims.subject ?? "none", 256)}, issuer ${printable(claims.issuer ?? "none", 256)}`,
  ];
}

interface Flaw {
  /** To follow "the token". */
  text: string;
  hint: string;
}

const remedy = "Have the server issue a new one: vibectl-server generate-token SUBJECT --output FILE";

/** What is wrong with a token by what it says of itself; undefined when nothing is. */
function flawOf(token: Token, now: Date): Flaw | undefined {
  const claims = readClaims(token.value);
  if (claims === undefined) return { text: `from ${token.source} is no JWT`, hint: remedy };
  if (claims.expiresAt && claims.expiresAt <= now) return { text: expiryOf(claims, now), hint: remedy };
  if (claims.notBefore && claims.notBefore > now) {
    return {
      text: `is valid only from ${formatTime(claims.notBefore)}`,
      hint: `Check this machine's clock and the server's: this one says ${formatTime(now)}.`,
    };
  }
  return undefined;
}

function explainRefusal(failure: CallFailure, token: Token | undefined, now: Date): StepFailure {
  const said = failure.details ? [`The server said: ${failure.details}`] : [];
  if (token === undefined) {
    return new StepFailure("the server asks for a token, and there is none", {
      hint: "Have it issue one (vibectl-server generate-token SUBJECT --output FILE), and give it with --jwt-path FILE, in the URL, or in VIBECTL_JWT_TOKEN.",
      details: said,
    });
  }
  const details = [...said, ...describeToken(token, now)];
  if (failure.code === status.PERMISSION_DENIED) {
    return new StepFailure("the token is known, and its bearer may not ask what the server offers", {
      hint: "Ask the server's administrator what this token may do.",
      details,
    });
  }
  const flaw = flawOf(token, now);
  const hint =
    flaw?.hint ??
    `The server has another secret or issuer than the one that made this token, or it was revoked. ${remedy}`;
  return new StepFailure(flaw ? `the token ${flaw.text}` : "the server refuses the token", { hint, details });
}

function accept(
  token: Token | undefined,
  now: Date,
): Pick<Finding<FirstAnswer>, "outcome" | "summary" | "details" | "hint"> {
  if (token === undefined) return { outcome: "ok", summary: "the server asks for no token", details: [] };
  const details = describeToken(token, now);
  const flaw = flawOf(token, now);
  if (flaw === undefined) return { outcome: "ok", summary: "the server accepts the token", details };
  return {
    outcome: "warning",
    summary: `the token ${flaw.text}, and the server accepts it: it seems to check no tokens`,
    details,
    hint: "Start the server with --require-auth, if callers should need a token.",
  };
}

/**
 * Asks the server what it offers, to learn whether it knows the caller.
 *
 * @returns The server's answer. What else can fail in the call is left to the next step: it says nothing of the token.
 * @throws StepFailure when the server refuses the caller, or does not answer.
 */
export async function authenticationStep(
  channel: Channel,
  token: Token | undefined,
  limits: CallLimits,
  now: Date,
): Promise<Finding<FirstAnswer>> {
  try {
    const info = await channel.getServerInfo(limits);
    return { ...accept(token, now), value: { answered: true, info } };
  } catch (error) {
    const failure = callFailureOf(error);
    const { code } = failure;
    if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) throw explainRefusal(failure, token, now);
    if (code === status.DEADLINE_EXCEEDED) throw new StepTimeout(limits.timeoutMs);
    if (code === status.UNAVAILABLE) throw explainCall(failure, "GetServerInfo");
    const summary = "can't be told: the call failed for another reason";
    return { outcome: "skipped", summary, details: [], value: { answered: false, failure } };
  }
}
