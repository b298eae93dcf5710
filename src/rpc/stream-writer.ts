import type { Metadata } from "@grpc/grpc-js";
import type { Call } from "./call.ts";

/** The writing half of a grpc-js call. */
export interface ReplyStream {
  write(bytes: Buffer): boolean;
  end(trailers?: Metadata): unknown;
  emit(event: "error", status: unknown): boolean;
  on(event: "drain", listener: () => void): unknown;
}

/** How many bytes may be written before other work has its turn, and what a message counts beside its own. */
const bytesPerTurn = 64 * 1024;
const bytesPerMessage = 512;

/**
 * Writes a streamed reply no faster than the caller reads it.
 *
 * It also lets the event loop turn now and then. A generator that never waits would otherwise keep the other calls from
 * theirs, and the sockets, of which the system tells only then that they are full.
 */
export class StreamWriter {
  readonly #stream: ReplyStream;
  #resume: (() => void) | undefined;
  #bytesThisTurn = 0;

  constructor(stream: ReplyStream, call: Call) {
    this.#stream = stream;
    const resume = () => this.#resumeWriting();
    stream.on("drain", resume);
    call.onEnd(resume);
  }

  /**
   * Writes one message.
   *
   * @returns Nothing when the next one may follow at once, else a promise of when it may, or of the call's end.
   */
  write(bytes: Buffer): Promise<void> | undefined {
    this.#bytesThisTurn += bytes.length + bytesPerMessage;
    if (!this.#stream.write(bytes)) {
      return new Promise((resolve) => {
        this.#resume = resolve;
      });
    }
    return this.#bytesThisTurn < bytesPerTurn ? undefined : new Promise((resolve) => this.#nextTurn(resolve));
  }

  #resumeWriting(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    if (resume === undefined) {
      return;
    }
    if (this.#bytesThisTurn < bytesPerTurn) {
      resume();
    } else {
      this.#nextTurn(resume);
    }
  }

  #nextTurn(resume: () => void): void {
    this.#bytesThisTurn = 0;
    setImmediate(resume);
  }
}
