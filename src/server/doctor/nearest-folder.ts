import { constants, type Stats } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { systemCodeOf } from "../../errors.ts";

/** What is there of a path. */
export interface NearestPath {
  /** The path itself, or the first above it that exists and can be looked at. */
  path: string;
  stats: Stats;
}

/** What to do where the server can't keep its own files. */
export const placesHint =
  "Set HOME to a folder that this user may write; or do without: VIBECTL_JWT_SECRET_FILE names the secret, " +
  "server.state_dir the folder of tokens, and `serve --ephemeral` keeps the certificate in memory.";

/**
 * Finds what exists of a path, without making anything.
 *
 * @throws What the system says where even the root can't be looked at.
 */
export async function nearestExisting(wanted: string): Promise<NearestPath> {
  for (let path = resolve(wanted); ; path = dirname(path)) {
    try {
      return { path, stats: await stat(path) };
    } catch (error) {
      const isPassed = ["ENOENT", "ENOTDIR", "EACCES"].includes(systemCodeOf(error) ?? "");
      if (!isPassed || path === dirname(path)) throw error;
    }
  }
}

/** The numbers of file systems in which the kernel shows things, and nobody keeps files (statfs(2)): proc, sysfs, cgroup. */
const kernelFileSystems: readonly number[] = [0x9fa0, 0x62656572, 0x63677270, 0x27e0eb];

/** Whether a folder is one of the kernel's own, such as /proc. */
export async function isOfKernel(folder: string): Promise<boolean> {
  return process.platform === "linux" && kernelFileSystems.includes((await statfs(folder)).type);
}

/** Whether this user may make files in a folder, and look at them. */
export async function mayWrite(folder: string): Promise<boolean> {
  return await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    (error) => {
      if (systemCodeOf(error) === undefined) throw error;
      return false;
    },
  );
}

/** Whether this user can make a file or a folder that is not there. */
export async function canMake(path: string): Promise<boolean> {
  const { path: found, stats } = await nearestExisting(path);
  return stats.isDirectory() && (await mayWrite(found)) && !(await isOfKernel(found));
}
