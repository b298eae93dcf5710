import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A server under load, in a process of its own with an empty home. */
export interface ServerProcess {
  readonly port: number;
  /** Its home folder, with what it wrote there. */
  readonly home: string;
  /** Milliseconds from its start until it accepted a connection. */
  readonly startMs: number;
  /** Resident memory in MB. */
  memory(): number;
  stop(): Promise<void>;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/**
 * Starts a server and waits until it accepts connections.
 *
 * @param command - What to run; it prints `listens on HOST:PORT`.
 */
export async function startServerProcess(command: readonly string[]): Promise<ServerProcess> {
  const home = mkdtempSync(join(tmpdir(), "vibectl-server-bench-"));
  const began = performance.now();
  const child = Bun.spawn([...command], {
    cwd: home,
    env: { HOME: home, PATH: process.env.PATH ?? "" },
    stdout: "pipe",
    stderr: "ignore",
  });
  let printed = "";
  const decoder = new TextDecoder();
  const reader = child.stdout.getReader();
  let port = 0;
  while (port === 0) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${command.join(" ")} ended before it listened: ${printed}`);
    printed += decoder.decode(value);
    port = Number(/listens on \S*:(\d+)/.exec(printed)?.[1] ?? 0);
  }
  while (!(await accepts(port))) await Bun.sleep(1);
  const startMs = performance.now() - began;
  return {
    port,
    home,
    startMs,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0) / 1024,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
