import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { VibectlError } from "../errors.ts";

/** A request's bytes are no message of the method's type. */
export class MalformedRequestError extends VibectlError {
  readonly code = "MALFORMED_REQUEST";
}

/**
 * Reads a request.
 *
 * @param type - What it must be.
 * @param bytes - The protobuf encoding.
 * @throws MalformedRequestError when the bytes are not that, invalid UTF-8 in a string field included.
 */
export function decodeRequest(type: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(type, bytes);
  } catch (cause) {
    throw new MalformedRequestError(`the request is not a valid ${type.typeName}`, { cause });
  }
}

/** Up to this many bytes a copy is cheaper than a view: the engine makes a small array's buffer only when asked for it. */
const cheapCopyBytes = 4096;

/** Writes a reply as the bytes that grpc-js sends. */
export function encodeReply(type: DescMessage, message: Message): Buffer {
  const bytes = toBinary(type, message);
  if (bytes.length <= cheapCopyBytes) return Buffer.from(bytes);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
