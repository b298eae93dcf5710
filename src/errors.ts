/** What every error of this program carries beside its message. */
export interface ErrorDetails {
  /** What to do next, as one sentence for a person. */
  hint?: string | undefined;
  /** What led to it: for the log, never for a caller. */
  cause?: unknown;
}

/**
 * The base of every error this program throws on purpose. The message says what was wrong with which value, the hint
 * what to do next; neither ever holds a secret.
 */
export abstract class VibectlError extends Error {
  /** A stable upper-case word that names the kind of failure. */
  abstract readonly code: string;
  /** What to do next. */
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** The command line was wrong: exit code 2. */
export class UsageError extends VibectlError {
  readonly code = "USAGE";
}

/** A configuration file, an environment variable or a flag holds a value that can't be used. */
export class ConfigurationError extends VibectlError {
  readonly code = "CONFIGURATION_INVALID";
}

/** A file or folder can't be read or written. */
export class FileError extends VibectlError {
  readonly code = "FILE_UNUSABLE";
}

/** The address to listen on can't be had. */
export class ListenError extends VibectlError {
  readonly code = "LISTEN_FAILED";
}

/** A step of looking at a server from the client's side failed. */
export class CheckError extends VibectlError {
  readonly code = "CHECK_FAILED";
}

/** What can be wrong with a certificate, its key, or the pair. */
export type CertificateErrorCode =
  | "CERTIFICATE_NOT_FOUND"
  | "CERTIFICATE_MALFORMED"
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_NOT_YET_VALID"
  | "CERTIFICATE_FOREIGN"
  | "CERTIFICATE_EXISTS"
  | "CERTIFICATE_REVOKED"
  | "CERTIFICATE_CHAIN_BROKEN"
  | "CERTIFICATE_CHAIN_INCOMPLETE"
  | "CERTIFICATE_HOST_MISMATCH"
  | "CERTIFICATE_PURPOSE_WRONG"
  | "CERTIFICATE_WEAK"
  | "KEY_NOT_FOUND"
  | "KEY_MALFORMED"
  | "KEY_ENCRYPTED"
  | "KEY_EXISTS"
  | "KEY_EXPOSED"
  | "KEY_MISMATCH"
  | "KEY_PASSPHRASE_WRONG"
  | "KEY_UNSUPPORTED"
  | "CA_NOT_FOUND"
  | "CA_EXISTS"
  | "CA_INCOMPLETE"
  | "CRL_NOT_FOUND"
  | "CRL_MALFORMED"
  | "CRL_EXPIRED"
  | "CRL_FOREIGN"
  | "HOST_NAME_INVALID"
  | "HOST_NAME_NOT_PERMITTED"
  | "SUBJECT_INVALID";

/** A certificate, its key, a revocation list or the CA that issues them can't be used. */
export class CertificateError extends VibectlError {
  constructor(
    readonly code: CertificateErrorCode,
    message: string,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** The caller did not show who they are. The message is for the log; the caller learns only that they were refused. */
export class UnauthenticatedError extends VibectlError {
  readonly code = "UNAUTHENTICATED";
}

/** The caller is known and may not do this. */
export class PermissionDeniedError extends VibectlError {
  readonly code = "PERMISSION_DENIED";
}

/** What a limit is on; the words of `limit-type` on the wire. */
export type LimitType = "rpm" | "concurrency" | "input" | "tokens" | "budget";

/** A limit has been reached: the call is refused before anything was asked of a model. */
export class LimitError extends VibectlError {
  readonly code = "RESOURCE_EXHAUSTED";

  /**
   * @param limitType - What the limit is on.
   * @param retryAfterMs - Milliseconds after which it is worth trying again.
   */
  constructor(
    message: string,
    readonly limitType: LimitType,
    readonly retryAfterMs: number,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** The codes that a caller can find in `ExecuteError.error_code`; docs/errors.md explains each. */
export const modelErrorCodes = [
  "NO_MODEL",
  "MODEL_NOT_FOUND",
  "INVALID_REQUEST",
  "CONTEXT_TOO_LONG",
  "CONTENT_REFUSED",
  "PROVIDER_AUTH",
  "PROVIDER_RATE_LIMITED",
  "PROVIDER_OVERLOADED",
  "PROVIDER_UNAVAILABLE",
  "PROVIDER_TIMEOUT",
  "PROVIDER_PROTOCOL",
  "STREAM_TRUNCATED",
  "OUTPUT_TRUNCATED",
  "RESPONSE_TOO_LARGE",
  "INVALID_STRUCTURED_OUTPUT",
  "CANCELLED",
  "EXECUTION_FAILED",
] as const;

/** One of {@link modelErrorCodes}. */
export type ModelErrorCode = (typeof modelErrorCodes)[number];

/** A model or its provider gave no usable answer. The caller reads it in the answer, not in the gRPC status. */
export class ModelError extends VibectlError {
  constructor(
    readonly code: ModelErrorCode,
    message: string,
    details?: ErrorDetails,
  ) {
    super(message, details);
  }
}

/** Who or what ended a call before its answer was complete. */
export type AbortReason = "client" | "deadline" | "shutdown";

const abortMessages: Record<AbortReason, string> = {
  client: "the caller went away",
  deadline: "the caller's deadline has passed",
  shutdown: "the server is shutting down",
};

/** The reason of a call's `AbortSignal`. */
export class CallAbortedError extends VibectlError {
  readonly code = "CALL_ABORTED";

  constructor(readonly reason: AbortReason) {
    super(abortMessages[reason]);
  }
}

/**
 * The message of anything that was thrown.
 *
 * @param thrown - An error, or whatever else code throws.
 */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The name that the system or a library gave to what went wrong, such as `ENOENT` or `ERR_TLS_CERT_ALTNAME_INVALID`.
 *
 * @param thrown - Whatever was thrown.
 * @returns Undefined for our own errors, and where there is none.
 */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (thrown instanceof VibectlError || !(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
