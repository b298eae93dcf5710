import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import { decodeRequest, encodeReply } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { compose, type Handler, type Middleware, type Reply } from "./middleware.ts";
import type { ServedMethod } from "./service.ts";

/** The way from a method's request through the middleware to its handler, and back to bytes. */
export class Pipeline {
  readonly requestType: DescMessage;
  readonly #replyType: DescMessage;
  readonly #middleware: readonly Middleware[];
  readonly #handler: Handler;

  constructor(method: ServedMethod, middleware: readonly Middleware[]) {
    this.requestType = method.descriptor.input;
    this.#replyType = method.descriptor.output;
    this.#middleware = middleware;
    this.#handler = compose(middleware, method.handler);
  }

  /**
   * Answers a request. One that does not decode goes through the middleware too, as an empty message, so that a caller
   * who may not call at all learns only that.
   *
   * @param request - The one message as bytes, or what the client streams.
   * @throws MalformedRequestError when the middleware let a request pass that does not decode.
   */
  answer(request: Uint8Array | AsyncIterable<Message>, context: CallContext): Promise<Reply> {
    if (!(request instanceof Uint8Array)) {
      return this.#handler(request, context);
    }
    let message: Message;
    try {
      message = decodeRequest(this.requestType, request);
    } catch (error) {
      const refuse = compose(this.#middleware, () => Promise.reject(error));
      return refuse(create(this.requestType), context);
    }
    return this.#handler(message, context);
  }

  encode(reply: Message): Buffer {
    return encodeReply(this.#replyType, reply);
  }
}
