import { describeSystemCode, systemCodeOf, TransportError } from "./transport-error.ts";

/** Whether an answer ended before it was complete, by the words of the client's parser. */
function isEarlyEnd(thrown: Error): boolean {
  return /invalid eof state/i.test(thrown.message);
}

/** Whether it is the server's answer that is wrong, and not the connection. */
function isMalformed(thrown: Error, isAnswered: boolean): boolean {
  // Before the head is complete no body can be too short: then it is the head that can't be read.
  if (thrown.name === "ResponseContentLengthMismatchError") return !isAnswered;
  const isUnasked = /^bad (response|upgrade)$/.test(thrown.message);
  const isUnreadable = thrown.name === "HTTPParserError" || thrown.name === "HeadersOverflowError";
  return isUnasked || (isUnreadable && !isEarlyEnd(thrown));
}

/**
 * Says what a failed exchange came to grief with.
 *
 * @param thrown - What the HTTP client reported.
 * @param isAnswered - Whether the head of the answer had arrived.
 */
export function describeFailure(thrown: unknown, isAnswered: boolean): TransportError {
  if (thrown instanceof TransportError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  // What the parser throws holds what it could not read.
  if (isMalformed(error, isAnswered)) {
    return new TransportError("format", "not_http", "what it sends is not the HTTP that it should be");
  }
  const code = systemCodeOf(error) || (isEarlyEnd(error) ? "closed" : "unknown");
  if (isAnswered) return new TransportError("body", code, "the connection broke", { cause: thrown });
  return new TransportError("connection", code, describeSystemCode(code), { cause: thrown });
}
