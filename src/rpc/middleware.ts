import type { Message } from "@bufbuild/protobuf";
import type { CallContext } from "./context.ts";

/** What a method is given: one message, or the messages of a client's stream. */
export type Request = Message | AsyncIterable<Message>;

/** What a method answers: one message, or a stream of them. */
export type Reply =
  | { readonly streamed: false; readonly message: Message }
  | { readonly streamed: true; readonly messages: AsyncIterable<Message> };

/** The rest of the way a call goes. */
export type Handler = (request: Request, context: CallContext) => Promise<Reply>;

/** A step on the way of every call. It may refuse by throwing, answer by itself, or wrap what comes after it. */
export type Middleware = (next: Handler) => Handler;

/**
 * Puts middleware around a handler.
 *
 * @param middleware - Outermost first.
 * @param handler - What the innermost one calls.
 */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, step) => step(next), handler);
}
