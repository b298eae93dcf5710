import type { BodyGuard } from "./body-guard.ts";
import { TransportError } from "./transport-error.ts";

type Format = ConstructorParameters<typeof DecompressionStream>[0];

/** The codings that can be undone (RFC 9110, section 8.4.1; RFC 7932; RFC 8878). None of them is asked for. */
const formats: Readonly<Record<string, Format>> = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "brotli",
  zstd: "zstd",
};

/**
 * What has to be undone of a body, the coding that was applied last first.
 *
 * @param contentEncoding - The value of Content-Encoding; empty when there is none.
 * @returns Undefined when there is a coding that nobody knows.
 */
export function codingsOf(contentEncoding: string): Format[] | undefined {
  const names = contentEncoding.toLowerCase().split(/[\s,]+/);
  const codings = names.filter((name) => name !== "" && name !== "identity").map((name) => formats[name]);
  const known = codings.filter((format) => format !== undefined);
  return known.length === codings.length ? known.reverse() : undefined;
}

function describeBroken(thrown: unknown): TransportError {
  if (thrown instanceof TransportError) return thrown;
  const isCut = thrown instanceof Error && /unexpected end/i.test(thrown.message);
  return isCut
    ? new TransportError("body", "closed", "the connection broke", { cause: thrown })
    : new TransportError("format", "undecodable", "its answer can't be decompressed", { cause: thrown });
}

/**
 * Undoes the codings of a body as it is read.
 *
 * @param body - As it came.
 * @param codings - What to undo, in this order.
 * @param options - `guard` looks at what comes out; `failure` tells why `body` broke off, if it did.
 */
export function decode(
  body: ReadableStream<Uint8Array>,
  codings: readonly Format[],
  { guard, failure }: { guard: BodyGuard; failure(): unknown },
): ReadableStream<Uint8Array> {
  const plain = codings.reduce(
    // The types of the two streams differ in a way that does not matter here.
    (stream, coding) =>
      stream.pipeThrough(new DecompressionStream(coding) as ReadableWritablePair<Uint8Array, Uint8Array>),
    body,
  );
  const reader = plain.getReader();
  const fail = (controller: ReadableStreamDefaultController<Uint8Array>, thrown: unknown) => {
    const error = failure() ?? describeBroken(thrown);
    controller.error(error);
    // What is behind the reader is broken already, or is now given up.
    reader.cancel(error).catch(() => undefined);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await reader.read();
            const piece = done ? guard.end() : guard.take(value);
            if (piece) controller.enqueue(piece);
            if (guard.isFull) await reader.cancel();
            if (done || guard.isFull) return controller.close();
            if (piece) return;
          }
        } catch (thrown) {
          fail(controller, thrown);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
