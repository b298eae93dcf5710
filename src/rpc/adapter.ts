import type { Message } from "@bufbuild/protobuf";
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Server,
  sendUnaryData,
} from "@grpc/grpc-js";
import type { Call, WireStatus } from "./call.ts";
import type { Middleware } from "./middleware.ts";
import { Pipeline } from "./pipeline.ts";
import { readRequests } from "./request-stream.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { ServedMethod } from "./service.ts";
import { type ReplyStream, StreamWriter } from "./stream-writer.ts";

/** Messages cross grpc-js as bytes: what goes wrong in coding them is then an error like any other. */
const identity = (bytes: Buffer): Buffer => bytes;

/**
 * Lets grpc-js serve a method.
 *
 * @param server - Gets the method's path.
 * @param method - What is served.
 * @param middleware - Runs around it, outermost first.
 * @param calls - Keeps account of the calls.
 */
export function addMethod(
  server: Server,
  method: ServedMethod,
  middleware: readonly Middleware[],
  calls: RunningCalls,
): void {
  const { type, serve } = adapters[method.descriptor.methodKind](new Pipeline(method, middleware), calls);
  if (!server.register(method.path, serve, identity, identity, type)) {
    throw new Error(`${method.path} is served twice`);
  }
}

const adapters = {
  unary: (pipeline: Pipeline, calls: RunningCalls) => {
    const serve: handleUnaryCall<Buffer, Buffer> = (wire, send) => {
      void replyOnce(calls.open(wire, send), pipeline, wire.request, send);
    };
    return { type: "unary", serve };
  },
  client_streaming: (pipeline: Pipeline, calls: RunningCalls) => {
    const serve: handleClientStreamingCall<Buffer, Buffer> = (wire, send) => {
      const call = calls.open(wire, send);
      void replyOnce(call, pipeline, readRequests(wire, call, pipeline.requestType), send);
    };
    return { type: "clientStream", serve };
  },
  server_streaming: (pipeline: Pipeline, calls: RunningCalls) => {
    const serve: handleServerStreamingCall<Buffer, Buffer> = (wire) => {
      void replyInParts(calls.open(wire, failureOf(wire)), pipeline, wire.request, wire);
    };
    return { type: "serverStream", serve };
  },
  bidi_streaming: (pipeline: Pipeline, calls: RunningCalls) => {
    const serve: handleBidiStreamingCall<Buffer, Buffer> = (wire) => {
      const call = calls.open(wire, failureOf(wire));
      void replyInParts(call, pipeline, readRequests(wire, call, pipeline.requestType), wire);
    };
    return { type: "bidi", serve };
  },
};

/** grpc-js takes the status of a failed stream as an `error` event. */
function failureOf(stream: ReplyStream): (status: WireStatus) => void {
  return (status) => stream.emit("error", status);
}

async function replyOnce(
  call: Call,
  pipeline: Pipeline,
  request: Uint8Array | AsyncIterable<Message>,
  send: sendUnaryData<Buffer>,
): Promise<void> {
  try {
    if (call.ended) {
      return;
    }
    const reply = await pipeline.answer(request, call);
    if (reply.streamed) {
      throw new TypeError(`${call.path} answers once, and was given a stream`);
    }
    const bytes = pipeline.encode(reply.message);
    if (!call.ended) {
      send(null, bytes, call.trailers);
      call.succeed();
    }
  } catch (error) {
    call.fail(error);
  } finally {
    call.handlerReturned();
  }
}

async function replyInParts(
  call: Call,
  pipeline: Pipeline,
  request: Uint8Array | AsyncIterable<Message>,
  stream: ReplyStream,
): Promise<void> {
  try {
    if (call.ended) {
      return;
    }
    const reply = await pipeline.answer(request, call);
    if (!reply.streamed) {
      throw new TypeError(`${call.path} answers with a stream, and was given one message`);
    }
    await writeAll(call, pipeline, reply.messages, new StreamWriter(stream, call));
    if (!call.ended) {
      stream.end(call.trailers);
      call.succeed();
    }
  } catch (error) {
    call.fail(error);
  } finally {
    call.handlerReturned();
  }
}

/** Leaving the loop early makes the generator run its `finally`. */
async function writeAll(
  call: Call,
  pipeline: Pipeline,
  messages: AsyncIterable<Message>,
  writer: StreamWriter,
): Promise<void> {
  for await (const message of messages) {
    if (call.ended) {
      return;
    }
    const writable = writer.write(pipeline.encode(message));
    if (writable !== undefined) {
      await writable;
    }
    if (call.ended) {
      return;
    }
  }
}
