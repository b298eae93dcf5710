import { afterEach } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary-folder.ts";

/** Makes small file systems in memory, which are gone after each test. */
export interface SmallDisks {
  /** Whether they can be made: only root may. */
  possible: boolean;
  /** @returns The folder of a new one. */
  make(name: string): string;
  /** Makes one read-only. */
  freeze(place: string): void;
}

function mount(...args: string[]): boolean {
  return Bun.spawnSync(["mount", ...args], { stdout: "ignore", stderr: "ignore" }).success;
}

/**
 * File systems for one test file.
 *
 * @param kilobytes - How much each holds.
 */
export function smallDisks(kilobytes: number): SmallDisks {
  const top = temporaryFolder();
  const mounts: string[] = [];
  const make = (name: string) => {
    const place = join(top, name);
    mkdirSync(place, { recursive: true });
    if (!mount("-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", place)) throw new Error("only root can mount");
    mounts.push(place);
    return place;
  };
  const unmountAll = () => {
    for (const place of mounts.splice(0)) Bun.spawnSync(["umount", place]);
  };
  afterEach(unmountAll);
  const isPossible = () => {
    if (process.getuid?.() !== 0) return false;
    try {
      make("probe");
      return true;
    } catch {
      return false;
    } finally {
      unmountAll();
    }
  };
  return { possible: isPossible(), make, freeze: (place) => void mount("-o", "remount,ro", place) };
}
