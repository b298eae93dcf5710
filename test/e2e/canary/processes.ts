import { readdirSync, readFileSync } from "node:fs";
import { systemCodeOf } from "../../../src/errors.ts";

const intervalMs = 15;

/** The command line of a process; undefined when it has ended. */
function commandLineOf(pid: number | string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw error;
  }
}

/** Looks at the command lines of all processes of this machine, again and again, as any of its users could. */
export class ProcessWatch {
  readonly #seen = new Set<string>();
  readonly #exempt = new Set<number>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor() {
    if (process.platform === "linux") this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  /**
   * Takes a process that was started just now.
   *
   * @param exempt - Whether its command line may hold a secret.
   */
  started(pid: number, { exempt }: { exempt: boolean }): void {
    if (exempt) this.#exempt.add(pid);
    else this.#keep(pid);
  }

  #keep(pid: number | string): void {
    const line = process.platform === "linux" ? commandLineOf(pid) : undefined;
    if (line) this.#seen.add(line);
  }

  #look(): void {
    for (const name of readdirSync("/proc"))
      if (/^\d+$/.test(name) && !this.#exempt.has(Number(name))) this.#keep(name);
  }

  /** The command lines that were seen so far. */
  get seen(): readonly string[] {
    return [...this.#seen];
  }

  /** Looks no more. */
  stop(): readonly string[] {
    clearInterval(this.#timer);
    return this.seen;
  }
}
