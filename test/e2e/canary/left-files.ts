import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Canaries, Leak } from "./canaries.ts";

/**
 * The files in a home folder that have a secret in them and should not: others can read them, or they are in the state
 * folder.
 */
export function exposedFiles(canaries: Canaries, home: string): Leak[] {
  const files = [...new Bun.Glob("**/*").scanSync({ cwd: home, dot: true, followSymlinks: false })];
  return files.flatMap((file) => {
    const path = join(home, file);
    const isOpen = (statSync(path).mode & 0o077) !== 0 || file.includes("/state/");
    return isOpen ? canaries.find(readFileSync(path, "latin1"), path) : [];
  });
}
