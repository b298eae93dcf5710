import { executable, type Finished } from "../executable.ts";
import type { CommandRun } from "./command-runs.ts";
import type { ProcessWatch } from "./processes.ts";

/** Where a command is run. */
export interface Scene {
  home: string;
  environment: Readonly<Record<string, string>>;
  processes: ProcessWatch;
}

const patienceMs = 20_000;

/**
 * Reads a server's log to its end.
 *
 * @param stop - Called as soon as it listens.
 */
async function stopOnceItListens(log: ReadableStream<Uint8Array>, stop: () => void): Promise<string> {
  let text = "";
  let listens = false;
  const decoder = new TextDecoder();
  for await (const bytes of log) {
    text += decoder.decode(bytes, { stream: true });
    if (listens || !/listening/.test(text)) continue;
    listens = true;
    stop();
  }
  return text;
}

/** Runs a command to its end. */
export async function drive(words: readonly string[], run: CommandRun, scene: Scene): Promise<Finished> {
  const { home, environment, processes } = scene;
  const child = Bun.spawn([executable, ...words, ...run.args], {
    cwd: home,
    env: { HOME: home, ...environment, ...run.environment },
    stdin: run.stdin === undefined ? "ignore" : new Blob([run.stdin]),
    stdout: "pipe",
    stderr: "pipe",
  });
  processes.started(child.pid, { exempt: run.commandLine !== undefined });
  const guard = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    run.serves ? stopOnceItListens(child.stderr, () => child.kill("SIGTERM")) : new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  clearTimeout(guard);
  return { code, stdout, stderr };
}
