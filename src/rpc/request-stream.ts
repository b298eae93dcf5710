import { setImmediate } from "node:timers/promises";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { ServerReadableStream } from "@grpc/grpc-js";
import type { Call } from "./call.ts";
import { decodeRequest } from "./codec.ts";

/**
 * Reads what a client streams.
 *
 * @param stream - grpc-js's side of the call.
 * @param call - Its abort ends the reading.
 * @param type - What each message must be.
 * @throws CallAbortedError when the call was aborted before the client's stream ended.
 * @throws MalformedRequestError when a message does not decode.
 */
export async function* readRequests(
  stream: Pick<ServerReadableStream<Buffer, Buffer>, "iterator" | "push">,
  call: Call,
  type: DescMessage,
): AsyncGenerator<Message> {
  call.onEnd(() => {
    if (call.abortError !== undefined) {
      stream.push(null);
    }
  });
  // A handler that has read enough can still answer: the stream must live on when the loop is left.
  const received: AsyncIterable<Buffer> = stream.iterator({ destroyOnReturn: false });
  try {
    for await (const bytes of received) {
      yield decodeRequest(type, bytes);
    }
  } catch (error) {
    throw call.abortError ?? error;
  }
  // A client that resets its stream seems to have ended it, until the news of the reset comes a moment later.
  await setImmediate();
  if (call.abortError !== undefined) {
    throw call.abortError;
  }
}
