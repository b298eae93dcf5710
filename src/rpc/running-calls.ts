import type { AbortReason } from "../errors.ts";
import { Call, type Wire, type WireStatus } from "./call.ts";

/** The calls that a server has in hand. */
export class RunningCalls {
  readonly #calls = new Set<Call>();
  #closing = false;
  #whenIdle: (() => void) | undefined;

  /** Calls whose handler still runs, or whose reply is still on its way. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Takes a call up; while the server is closing it is refused at once.
   *
   * @param wire - grpc-js's side of it.
   * @param sendFailure - Sends the status when the call fails.
   */
  open(wire: Wire, sendFailure: (status: WireStatus) => void): Call {
    const call = new Call(wire, sendFailure, this.#released);
    this.#calls.add(call);
    if (this.#closing) {
      call.abort("shutdown");
    }
    return call;
  }

  /** From now on every call is refused. */
  refuseNew(): void {
    this.#closing = true;
  }

  /** Aborts every call that runs. */
  abortAll(reason: AbortReason): void {
    for (const call of this.#calls) {
      call.abort(reason);
    }
  }

  /** Resolves when no call is left. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
      this.#tellWhenIdle();
    });
  }

  readonly #released = (call: Call): void => {
    this.#calls.delete(call);
    this.#tellWhenIdle();
  };

  #tellWhenIdle(): void {
    if (this.#calls.size === 0) {
      this.#whenIdle?.();
    }
  }
}
