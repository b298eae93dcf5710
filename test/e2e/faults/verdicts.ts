import type { ModelErrorCode } from "../../../src/errors.ts";

/** How an answer is asked for. */
export type Way = "unary" | "streamed";

/** Whether a healthy model stands behind the one that fails. */
export type Company = "alone" | "with fallback";

/** What the failing model says where it gets to say it. */
export const firstPieces = ["The ", "first ", "model ", "says ", "this."];
export const firstText = firstPieces.join("");

/** What the healthy model says. */
export const healthyText = "A healthy model answers.";

/** The limits that the server of the matrix is told. */
export const limits = {
  connectMs: 500,
  firstByteMs: 800,
  betweenChunksMs: 800,
  callMs: 3000,
  maxRetries: 2,
  baseDelayMs: 20,
  maxDelayMs: 2500,
} as const;

/** Attempts at a target that fails each time. */
const attempts = 1 + limits.maxRetries;

/** What a call may take beside the waiting that its fault makes necessary, in milliseconds. */
const slackMs = 400;

/** What has to come of a call. */
export interface Expectation {
  /** `answer`: the failing model's own text; `fallback`: the healthy one's; else the codes any of which is right. */
  ends: "answer" | "fallback" | readonly ModelErrorCode[];
  /** The text of the failing model: all of it in an answer, and what an error may come after. */
  text: string;
  /** Whether an error has to come after some text. */
  afterText?: true;
  /** Whether the text goes on and on. */
  endless?: true;
  /** Requests that have to reach the failing model, at least and at most. */
  requests?: readonly [least: number, most: number];
  /** Whether the token counts have to be marked as estimates. */
  estimated?: boolean;
  /** Time that the call takes at least, in milliseconds. */
  atLeastMs?: number;
  /** Time that the call takes at most. */
  boundMs: number;
}

/** What has to come of the calls that meet one fault in one way. */
export type Verdict = Readonly<Record<Company, Expectation>>;

/** What can be said of a verdict beside its kind. */
export interface Particulars {
  text?: string;
  /** Milliseconds that each attempt waits for something. */
  eachMs?: number;
  /** Milliseconds that each attempt may take for its work beside that. */
  workMs?: number;
  /** Milliseconds that the provider asks to wait before each retry. */
  waitMs?: number;
  /** Requests at one attempt. */
  each?: readonly [least: number, most: number];
}

type Codes = ModelErrorCode | readonly ModelErrorCode[];

function listOf(codes: Codes): readonly ModelErrorCode[] {
  return typeof codes === "string" ? [codes] : codes;
}

interface Course {
  /** How often the failing model is asked. */
  times: number;
  particulars: Particulars;
}

function timing({ times, particulars }: Course): Pick<Expectation, "requests" | "atLeastMs" | "boundMs"> {
  const { eachMs = 0, workMs = 0, waitMs, each = [1, 1] } = particulars;
  const [least, most] = each;
  const waits = times - 1;
  // Whoever is told a time comes a little later than that; whoever is not, backs off for twice as long each time.
  const longestWait =
    waitMs === undefined ? limits.baseDelayMs * 2 ** waits : waits * (waitMs + 2 * limits.baseDelayMs);
  return {
    requests: [least * times, most * times],
    atLeastMs: times * eachMs * 0.9 + waits * (waitMs ?? 0),
    boundMs: times * (eachMs + workMs) + (waits > 0 ? longestWait : 0) + slackMs,
  };
}

function failing(codes: Codes, course: Course): Expectation {
  return { ends: listOf(codes), text: "", ...timing(course) };
}

function fallingBack(course: Course): Expectation {
  return { ends: "fallback", text: "", ...timing(course) };
}

/** The same target is asked again, then the next one. */
export function repeated(codes: Codes, particulars: Particulars = {}): Verdict {
  const course = { times: attempts, particulars };
  return { alone: failing(codes, course), "with fallback": fallingBack(course) };
}

/** The next target is asked at once; the same one is asked again only where there is no other. */
export function timedOut(particulars: Particulars = {}): Verdict {
  return {
    alone: failing("PROVIDER_TIMEOUT", { times: attempts, particulars }),
    "with fallback": fallingBack({ times: 1, particulars }),
  };
}

/** The same target is not asked again, but the next one is. */
export function passedOn(codes: Codes, particulars: Particulars = {}): Verdict {
  const course = { times: 1, particulars };
  return { alone: failing(codes, course), "with fallback": fallingBack(course) };
}

/** Nobody else is asked. */
export function final(codes: Codes, particulars: Particulars = {}): Verdict {
  const expected = failing(codes, { times: 1, particulars });
  return { alone: expected, "with fallback": expected };
}

/** The text so far, then an error: nothing is begun again. */
export function brokenOff(codes: Codes, particulars: Particulars & { endless?: true } = {}): Verdict {
  const { text = firstText, endless } = particulars;
  const expected: Expectation = {
    ...failing(codes, { times: 1, particulars }),
    text,
    afterText: true,
    ...(endless ? { endless } : {}),
  };
  return { alone: expected, "with fallback": expected };
}

/** The failing model's own answer, whole. */
export function answers(particulars: Particulars & { times?: number; estimated?: boolean } = {}): Verdict {
  const { text = firstText, times = 1, estimated } = particulars;
  const expected: Expectation = {
    ends: "answer",
    text,
    ...timing({ times, particulars }),
    ...(estimated === undefined ? {} : { estimated }),
  };
  return { alone: expected, "with fallback": expected };
}
