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

/**
 * Sees when files have changed and come to rest, by looking at them: that works for every file system, for links that are
 * swapped, and for files that do not exist yet.
 */
export class FileWatch {
  readonly #files: readonly string[];
  #seen: string;
  #restless = false;

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
   * that time.
   */
  async look(): Promise<boolean> {
    const now = await fingerprints(this.#files);
    const changed = this.#seen !== now;
    const settled = this.#restless && !changed;
    this.#seen = now;
    this.#restless = changed;
    return settled;
  }
}
