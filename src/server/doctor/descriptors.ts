import { readFile } from "node:fs/promises";
import { type Finding, ok, skipped, warning } from "./finding.ts";

/** Connections, in and out, are descriptors: as many as a busy server has. */
const enough = 4096;

/**
 * Checks how many files and connections the process may have open.
 *
 * @param limitsFile - What Linux tells of it (proc_pid_limits(5)).
 */
export async function checkDescriptors(limitsFile = "/proc/self/limits"): Promise<Finding[]> {
  const text = await readFile(limitsFile, "utf8").catch(() => undefined);
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(text ?? "") ?? [];
  if (soft === undefined) return [skipped("this system does not tell how many files a process may have open")];
  const summary = `${soft} files and connections may be open at once`;
  if (soft === "unlimited" || Number(soft) >= enough) return [ok(summary)];
  const hint = `Raise it where the server is started: \`ulimit -n ${enough}\`, or LimitNOFILE=${enough} in its systemd unit.`;
  return [warning(summary, { details: hard === undefined ? [] : [`Its hard limit is ${hard}`], hint })];
}
