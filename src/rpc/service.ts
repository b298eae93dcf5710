import type { DescMessage, DescMethod, DescService, Message, MessageShape } from "@bufbuild/protobuf";
import type { CallContext } from "./context.ts";
import type { Handler, Reply, Request } from "./middleware.ts";

type UnaryMethod<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => Promise<MessageShape<O>>;

type ServerStreamingMethod<I extends DescMessage, O extends DescMessage> = (
  request: MessageShape<I>,
  context: CallContext,
) => AsyncIterable<MessageShape<O>>;

type ClientStreamingMethod<I extends DescMessage, O extends DescMessage> = (
  requests: AsyncIterable<MessageShape<I>>,
  context: CallContext,
) => Promise<MessageShape<O>>;

type BidiStreamingMethod<I extends DescMessage, O extends DescMessage> = (
  requests: AsyncIterable<MessageShape<I>>,
  context: CallContext,
) => AsyncIterable<MessageShape<O>>;

interface MethodsByKind<I extends DescMessage, O extends DescMessage> {
  unary: UnaryMethod<I, O>;
  server_streaming: ServerStreamingMethod<I, O>;
  client_streaming: ClientStreamingMethod<I, O>;
  bidi_streaming: BidiStreamingMethod<I, O>;
}

/** The function that a method is: of its kind, on its messages. */
export type MethodImplementation<M extends Pick<DescMethod, "input" | "output" | "methodKind">> = MethodsByKind<
  M["input"],
  M["output"]
>[M["methodKind"]];

/**
 * A service's methods by their name in TypeScript.
 *
 * One that answers once is an async function; one that answers with a stream is an async generator. One that is sent a
 * stream reads it as an `AsyncIterable`. What they throw becomes the call's status.
 */
export type Implementation<S extends DescService> = {
  readonly [K in keyof S["method"]]: MethodImplementation<S["method"][K]>;
};

/** A method with what answers its calls. */
export interface ServedMethod {
  readonly descriptor: DescMethod;
  /** Such as `/vibectl.llm_proxy.VibectlLLMProxy/Execute`. */
  readonly path: string;
  readonly handler: Handler;
}

/**
 * Puts an implementation to its service.
 *
 * @param descriptor - The generated service.
 * @param implementation - A function for each of its methods.
 * @returns What `createRpcServer` serves.
 */
export function implementService<S extends DescService>(
  descriptor: S,
  implementation: Implementation<S>,
): readonly ServedMethod[] {
  return descriptor.methods.map((method) => {
    const name: keyof S["method"] = method.localName;
    return {
      descriptor: method,
      path: `/${descriptor.typeName}/${method.name}`,
      handler: isStreamed(method)
        ? streamedHandler(implementation[name] as AnyStreamedMethod)
        : singleHandler(implementation[name] as AnySingleMethod),
    };
  });
}

/** Whether a method answers with a stream. */
export function isStreamed(method: DescMethod): boolean {
  return method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
}

type AnySingleMethod = (request: Request, context: CallContext) => Promise<Message>;
type AnyStreamedMethod = (request: Request, context: CallContext) => AsyncIterable<Message>;

function singleHandler(answer: AnySingleMethod): Handler {
  return async (request, context): Promise<Reply> => ({ streamed: false, message: await answer(request, context) });
}

function streamedHandler(answer: AnyStreamedMethod): Handler {
  return async (request, context): Promise<Reply> => ({ streamed: true, messages: answer(request, context) });
}
