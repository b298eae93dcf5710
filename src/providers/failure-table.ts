import type { ModelErrorCode } from "../errors.ts";

/** How a kind of failure is told. */
interface Explanation {
  /** What the provider did, to stand after its name. */
  deed: string;
  /** What to do next; `PROVIDER` stands for its name. */
  hint: string;
}

/** Every kind of failure, in words. */
export const explanations: Readonly<Record<ModelErrorCode, Explanation>> = {
  NO_MODEL: { deed: "was asked for no model", hint: "Name a model, or set server.default_model." },
  MODEL_NOT_FOUND: {
    deed: "has no such model",
    hint: "Choose another model, or correct the list in providers.PROVIDER.models.",
  },
  INVALID_REQUEST: { deed: "refused the request as invalid", hint: "Change the request; trying again won't help." },
  CONTEXT_TOO_LONG: {
    deed: "can't take a request of this length",
    hint: "Send less text, or choose a model with a larger context.",
  },
  CONTENT_REFUSED: { deed: "refused to answer because of the content", hint: "Change what is asked." },
  PROVIDER_AUTH: {
    deed: "refused the server's API key",
    hint: "The server's operator has to check the API key of PROVIDER and what it may be used for.",
  },
  PROVIDER_RATE_LIMITED: {
    deed: "takes no more requests from this server for now",
    hint: "Try again later; the operator can raise the rate limit or the quota at the provider.",
  },
  PROVIDER_OVERLOADED: { deed: "is overloaded", hint: "Try again in a moment, or choose another provider's model." },
  PROVIDER_UNAVAILABLE: {
    deed: "can't answer at the moment",
    hint: "Try again in a moment, or choose another provider's model.",
  },
  PROVIDER_TIMEOUT: { deed: "took too long", hint: "Try again, or ask for less at once." },
  PROVIDER_PROTOCOL: {
    deed: "gave an answer that can't be understood",
    hint: "If it happens again, the operator has to check the address and the type of PROVIDER.",
  },
  STREAM_TRUNCATED: {
    deed: "broke off its answer before the end",
    hint: "What has arrived is not the whole answer: ask again.",
  },
  OUTPUT_TRUNCATED: { deed: "stopped at its output limit", hint: "Ask for less at once." },
  RESPONSE_TOO_LARGE: { deed: "gave an answer that is too large", hint: "Ask for a streamed answer." },
  INVALID_STRUCTURED_OUTPUT: { deed: "gave an answer that doesn't satisfy the schema", hint: "Try again." },
  CANCELLED: { deed: "was told to stop", hint: "Ask again." },
  EXECUTION_FAILED: { deed: "failed to answer", hint: "Try again; the server's log has the details." },
};
