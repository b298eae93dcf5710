import { existsSync } from "node:fs";
import { join } from "node:path";

/** The executable under test. */
export const executable = join(import.meta.dir, "..", "..", "dist", "vibectl-server");

if (!existsSync(executable)) throw new Error(`${executable} is not there: run \`npm run build\` first`);

/** How the executable is run. Nothing of the test's own environment reaches it. */
export interface RunOptions {
  /** Its HOME and current folder. */
  home: string;
  environment?: Record<string, string>;
  cwd?: string;
  /** The command that serves; `serve` unless given. */
  command?: string;
}

/** What a finished run left. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

function spawn(args: readonly string[], { home, environment, cwd }: RunOptions) {
  return Bun.spawn([executable, ...args], {
    cwd: cwd ?? home,
    env: { HOME: home, ...environment },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

/** Runs the executable to its end. */
export async function run(args: readonly string[], options: RunOptions): Promise<Finished> {
  const child = spawn(args, options);
  // What should have ended by itself must not outlive its test.
  const guard = setTimeout(() => child.kill("SIGKILL"), 25_000);
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  const code = await child.exited;
  clearTimeout(guard);
  return { code, stdout, stderr };
}

/** A server that was started. */
export interface Serving {
  port: number;
  pid: number;
  /** What it has printed so far. */
  stdout(): string;
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Its end. */
  exited: Promise<Finished>;
  /** Resolves when what it printed on stderr matches. */
  logged(pattern: RegExp): Promise<void>;
}

/** Starts `serve` on a free port and waits until it listens. */
export async function serve(args: readonly string[], options: RunOptions): Promise<Serving> {
  const child = spawn([options.command ?? "serve", "--port", "0", ...args], options);
  const text = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  const drain = async (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    for await (const bytes of child[name]) {
      text[name] += decoder.decode(bytes, { stream: true });
      for (const look of waiting) look();
    }
    for (const look of waiting) look();
  };
  const drained = Promise.all([drain("stdout"), drain("stderr")]);
  const exited = drained.then(async () => ({ code: await child.exited, ...text }));
  const until = async (name: "stdout" | "stderr", pattern: RegExp) => {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        if (!pattern.test(text[name])) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
    const ended = exited.then((finished) => {
      if (pattern.test(text[name])) return;
      throw new Error(`it ended with ${finished.code} before it printed ${pattern}:\n${text.stdout}${text.stderr}`);
    });
    await Promise.race([seen, ended]);
  };
  await until("stdout", /listens on \S*:\d+[\s\S]*Next:[\s\S]*\n\n/);
  return {
    port: Number(/listens on \S*:(\d+)/.exec(text.stdout)?.[1]),
    pid: child.pid,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    kill: (signal) => child.kill(signal),
    exited,
    logged: (pattern) => until("stderr", pattern),
  };
}
