import { spawn } from "node:child_process";
import { messageOf, systemCodeOf } from "../../errors.ts";

/** What came of a command. */
export interface CommandResult {
  /** Its exit code. As a shell has it, 126 and 127 when it can't be run or isn't there, 128 when a signal ended it. */
  code: number;
  /** What it wrote to stdout and stderr, as it came. */
  output: string;
}

/** Runs a program, never through a shell: its name, then its arguments. */
export type RunCommand = (command: readonly [string, ...string[]]) => Promise<CommandResult>;

/** Where the system's own programs are. The search path of a plain `su` lacks them. */
const administration = "/usr/local/sbin:/usr/sbin:/sbin";

/** Runs a program of the system's. It may ask the user for a password. */
export const runCommand: RunCommand = ([program, ...args]) => {
  const PATH = [process.env.PATH, administration].filter(Boolean).join(":");
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, PATH }, stdio: ["inherit", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", (error) => {
      const missing = systemCodeOf(error) === "ENOENT";
      resolve({ code: missing ? 127 : 126, output: missing ? `${program} is not installed` : messageOf(error) });
    });
    child.on("close", (code, signal) => {
      resolve({ code: code ?? 128, output: signal === null ? output : `${output}\nended by ${signal}` });
    });
  });
};
