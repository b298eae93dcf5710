import { write } from "node:fs";

/** Most text that waits for a slow reader, in characters. */
const mostWaiting = 4 * 1024 * 1024;

/** Takes lines of a log. */
export interface LineSink {
  write(line: string): void;
}

/**
 * Writes lines to an open file without ever holding up who logs them. When its reader stalls, lines wait; when too many
 * wait, further ones are dropped and counted.
 */
export class LogSink implements LineSink {
  readonly #descriptor: number;
  #waiting: string[] = [];
  #waitingSize = 0;
  #dropped = 0;
  #writing = false;
  #flushed: Array<() => void> = [];
  /** Told how many lines were dropped, as soon as there is room again. */
  onLoss: (count: number) => void = () => undefined;

  /** @param descriptor - 2 for stderr. */
  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(line: string): void {
    if (this.#waitingSize + line.length > mostWaiting) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingSize += line.length;
    if (!this.#writing) this.#next();
  }

  /** Resolves when everything was written, or the time is over. */
  async flush(timeoutMs: number): Promise<void> {
    if (!this.#writing) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#flushed.push(resolve);
      timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
  }

  #next(): void {
    const lines = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#waitingSize = 0;
    this.#dropped = 0;
    this.#writing = true;
    // The line about the loss waits behind those that were kept.
    if (dropped > 0) this.onLoss(dropped);
    if (lines.length > 0) this.#put(Buffer.from(lines.join("")));
    else if (this.#waiting.length > 0) this.#next();
    else this.#rest();
  }

  #rest(): void {
    this.#writing = false;
    for (const resolve of this.#flushed.splice(0)) resolve();
  }

  /** Writes on until all is written. A file that takes nothing more (EPIPE, ENOSPC) loses what it was given. */
  #put(bytes: Buffer): void {
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === "EAGAIN") setTimeout(() => this.#put(bytes), 10);
      else if (!error && written < bytes.length) this.#put(bytes.subarray(written));
      else this.#next();
    });
  }
}
