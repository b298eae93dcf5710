import { stat } from "node:fs/promises";

/** What tells one state of a file from another. A link is followed: Kubernetes swaps one above the files. */
async function fingerprint(file: string): Promise<string> {
  return await stat(file, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs, ctimeNs }) => [dev, ino, size, mtimeNs, ctimeNs].join(":"),
    (error) => String(error instanceof Error && "code" in error ? error.code : error),
  );
}

async function fingerprints(files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map(fingerprint))).join(" ");
}

/** Looks that files may go on changing before that is told. */
const mostRestless = 4;

/**
 * Sees when files have changed and come to rest, by looking at them: that works for every file system, for links that are
 * swapped, and for files that do not exist yet.
 */
export class FileWatch {
  readonly #files: readonly string[];
  #seen: string;
  /** How many looks in a row have found something changed. */
  #restless = 0;

  private constructor(files: readonly string[], seen: string) {
    this.#files = files;
    this.#seen = seen;
  }

  /**
   * Begins to watch. Whoever reads the files does so afterwards: what changes meanwhile is then seen.
   *
   * @param files - Their paths.
   */
  static async begin(files: readonly string[]): Promise<FileWatch> {
    return new FileWatch(files, await fingerprints(files));
  }

  /**
   * Looks at the files.
   *
   * @returns Whether they have changed, and are the same as at the last look: who writes two files writes the second within
   * that time. Files that never come to rest are told of all the same, at every few looks.
   */
  async look(): Promise<boolean> {
    const now = await fingerprints(this.#files);
    const changed = this.#seen !== now;
    const due = changed ? this.#restless >= mostRestless : this.#restless > 0;
    this.#seen = now;
    this.#restless = changed && !due ? this.#restless + 1 : 0;
    return due;
  }
}
