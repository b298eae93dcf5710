import { messageOf } from "../errors.ts";
import { callerKey } from "./authenticate.ts";
import type { CallContext, CallEnd } from "./context.ts";
import type { Middleware } from "./middleware.ts";
import type { StatusName } from "./status.ts";

type Write = (fields: Record<string, unknown>, message: string) => void;

/** Takes structured records; pino's logger is one. */
export interface CallLogger {
  info: Write;
  warn: Write;
  error: Write;
}

/** A caller who hangs up may well have what they wanted: that is no failure. */
const quiet: ReadonlySet<StatusName> = new Set(["OK", "CANCELLED"]);

/** What only a fault of ours can lead to. */
const faults: ReadonlySet<StatusName> = new Set(["UNKNOWN", "INTERNAL", "DATA_LOSS"]);

/**
 * Writes one record for each call when it has ended: `path`, `peer`, `code`, `durationMs`, and where the caller is known
 * their `subject` and, in `identifiedBy`, whether a token, a certificate or both said so. Faults of ours are errors with the thrown object as `err`; what else went wrong is a warning with
 * its `reason`.
 *
 * Put it outermost, so that calls which other middleware refuses are written too.
 *
 * @param logger - Where the records go.
 */
export function logCalls(logger: CallLogger): Middleware {
  return (next) => (request, context) => {
    const { peer } = context;
    context.onEnd((end) => write(logger, peer, context, end));
    return next(request, context);
  };
}

function write(logger: CallLogger, peer: string, context: CallContext, { code, error }: CallEnd): void {
  const fields: Record<string, unknown> = {
    path: context.path,
    peer,
    code,
    durationMs: Math.round((performance.now() - context.startedAt) * 1000) / 1000,
  };
  const caller = context.get(callerKey);
  if (caller !== undefined) {
    fields.subject = caller.subject;
    fields.identifiedBy = caller.by;
  }
  if (quiet.has(code)) {
    logger.info(fields, "call ended");
  } else if (faults.has(code)) {
    fields.err = error;
    logger.error(fields, "call failed");
  } else {
    fields.reason = messageOf(error);
    logger.warn(fields, "call ended");
  }
}
