import { readdirSync, readFileSync, readlinkSync } from "node:fs";

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed since it was listed.
    return "";
  }
}

/** How many sockets a process has open, listening ones included. */
export function socketsOf(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).filter((name) => targetOf(`${folder}/${name}`).startsWith("socket:")).length;
}

function megabytesOf(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0) / 1024;
}

/** A process' resident memory in MB. */
export function memoryOf(pid: number): number {
  return megabytesOf(pid, "VmRSS");
}

/** The most resident memory that a process has had so far, in MB. */
export function peakMemoryOf(pid: number): number {
  return megabytesOf(pid, "VmHWM");
}
