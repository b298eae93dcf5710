import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { formatSpan } from "../time.ts";
import { printable } from "./display-text.ts";
import { StepFailure } from "./step.ts";

/** A call that ended with another status than OK. */
export interface CallFailure {
  readonly code: status;
  /** Such as `UNAUTHENTICATED`. */
  readonly name: string;
  /** What the server, or grpc-js in its place, said of it. */
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * Reads what grpc-js throws.
 *
 * @throws What was given, where that is not a call's status.
 */
export function callFailureOf(thrown: unknown): CallFailure {
  if (!isServiceError(thrown)) throw thrown;
  const { code, details, metadata } = thrown;
  return { code, name: status[code], details: printable(details), metadata };
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "number" &&
    "details" in thrown &&
    typeof thrown.details === "string" &&
    "metadata" in thrown &&
    thrown.metadata instanceof Metadata
  );
}

function firstValue(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)[0]?.toString();
  return value === undefined ? undefined : printable(value);
}

function explainLimit(metadata: Metadata): string {
  const limit = firstValue(metadata, "limit-type");
  const waitMs = Number(firstValue(metadata, "retry-after-ms") ?? Number.NaN);
  const which = limit === undefined ? "A limit is used up" : `The limit "${limit}" is used up`;
  return Number.isFinite(waitMs) ? `${which}: try again in ${formatSpan(waitMs)}.` : `${which}: try again later.`;
}

const hints: Partial<Record<status, string>> = {
  [status.UNIMPLEMENTED]: "Another gRPC server listens there: check host and port.",
  [status.DEADLINE_EXCEEDED]: "The server is overloaded or stuck: look into its log, or give it more time.",
  [status.UNAVAILABLE]: "The server is starting, stopping, or behind a proxy that can't reach it: look into its log.",
  [status.UNAUTHENTICATED]: "Give a token of this server with --jwt-path FILE.",
  [status.PERMISSION_DENIED]: "Ask the server's administrator what this token may do.",
};

/**
 * The failure of a step whose call failed.
 *
 * @param call - The method's name.
 * @param found - What else is known, a line each.
 */
export function explainCall(failure: CallFailure, call: string, found: readonly string[] = []): StepFailure {
  const { code, name, details, metadata } = failure;
  const hint = code === status.RESOURCE_EXHAUSTED ? explainLimit(metadata) : hints[code];
  return new StepFailure(`${call} failed: ${name}${details ? `: ${details}` : ""}`, {
    details: found,
    hint: hint ?? "Look into the server's log.",
  });
}
