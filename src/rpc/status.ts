import { CallAbortedError, LimitError, PermissionDeniedError, UnauthenticatedError } from "../errors.ts";
import { MalformedRequestError } from "./codec.ts";

/** The status codes of gRPC (its core documentation, "Status codes and their use in gRPC"). */
export const statusCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof statusCodes;

/** What a caller learns of a failure. */
export interface FailureStatus {
  readonly code: StatusName;
  /** The status message. */
  readonly details: string;
  /** Sent beside those of the context. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** How the errors of one class read on the wire. */
type Row = (error: unknown) => FailureStatus | undefined;

function row<E extends Error>(type: abstract new (...args: never[]) => E, status: (error: E) => FailureStatus): Row {
  return (error) => (error instanceof type ? status(error) : undefined);
}

const abortCodes = { client: "CANCELLED", deadline: "DEADLINE_EXCEEDED", shutdown: "UNAVAILABLE" } as const;

const rows: readonly Row[] = [
  row(CallAbortedError, (error) => ({ code: abortCodes[error.reason], details: error.message })),
  row(UnauthenticatedError, () => ({ code: "UNAUTHENTICATED", details: "missing or invalid credentials" })),
  row(PermissionDeniedError, (error) => ({ code: "PERMISSION_DENIED", details: error.message })),
  row(LimitError, ({ message, limitType, retryAfterMs }) => ({
    code: "RESOURCE_EXHAUSTED",
    details: message,
    trailers: { "limit-type": limitType, "retry-after-ms": String(retryAfterMs) },
  })),
  row(MalformedRequestError, (error) => ({ code: "INVALID_ARGUMENT", details: error.message })),
];

/**
 * The status that an error becomes. Errors that no row knows are bugs or accidents: the caller only learns that there
 * was one.
 *
 * @param error - Whatever a handler or middleware threw.
 */
export function statusOf(error: unknown): FailureStatus {
  for (const read of rows) {
    const status = read(error);
    if (status !== undefined) {
      return status;
    }
  }
  return { code: "INTERNAL", details: "internal server error" };
}
