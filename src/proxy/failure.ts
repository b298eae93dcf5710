import { create } from "@bufbuild/protobuf";
import { CallAbortedError, LimitError, ModelError, PermissionDeniedError } from "../errors.ts";
import { type ExecuteError, ExecuteErrorSchema } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Call } from "./call.ts";

/** Takes the records of calls. */
export interface CallLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Errors that are the call's status. */
const statuses = [CallAbortedError, LimitError, PermissionDeniedError];

/**
 * Turns what ended a call into what its caller reads. The cause goes to the log and no further.
 *
 * @param thrown - What was thrown.
 * @param call - The call; one that was aborted has nobody left to read an error.
 * @param requestId - Names the request in the log.
 * @param log - Takes the record.
 * @throws CallAbortedError when the call was aborted, LimitError when there was no place for it, and PermissionDeniedError
 * when it is not the caller's to make: these are the call's status.
 */
export function describeFailure(
  thrown: unknown,
  call: Call,
  requestId: string,
  log: Pick<CallLog, "warn" | "error">,
): ExecuteError {
  if (call.signal.aborted) throw call.signal.reason;
  if (statuses.some((status) => thrown instanceof status)) throw thrown;
  const error = create(ExecuteErrorSchema);
  if (thrown instanceof ModelError) {
    log.warn({ requestId, code: thrown.code, err: thrown.cause }, thrown.message);
    error.errorCode = thrown.code;
    error.errorMessage = thrown.message;
    if (thrown.hint !== undefined) error.errorDetails = thrown.hint;
    return error;
  }
  log.error({ requestId, code: "EXECUTION_FAILED", err: thrown }, "A call failed for a reason nobody foresaw");
  error.errorCode = "EXECUTION_FAILED";
  error.errorMessage = "The server failed to run this request";
  error.errorDetails = `Its log has the reason under request id ${requestId}.`;
  return error;
}
