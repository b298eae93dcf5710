import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const main = join(import.meta.dir, "..", "..", "..", "..", "src", "main.ts");

/** A user's home folder in which commands are run from the sources. */
export interface CommandHome {
  /** The server's folder. */
  folder: string;
  /** The configuration file. */
  file: string;
  /** Runs a command to its end. */
  run(
    words: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): Promise<{ out: string; err: string; code: number }>;
}

/**
 * Makes a home folder with a configuration in it.
 *
 * @param home - An empty folder.
 * @param text - The configuration file's; none is written unless given.
 */
export function commandHome(home: string, text?: string): CommandHome {
  const folder = join(home, ".config", "vibectl", "server");
  const file = join(folder, "config.yaml");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (text !== undefined) writeFileSync(file, text, { mode: 0o600 });
  const run = async (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const env = { HOME: home, PATH: process.env.PATH, NO_COLOR: "1", ...environment };
    const child = Bun.spawn([process.execPath, main, ...words], {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    return { out, err, code: await child.exited };
  };
  return { folder, file, run };
}
