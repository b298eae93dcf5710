import { homedir } from "node:os";
import { join } from "node:path";
import { systemCodeOf } from "../errors.ts";

/** Variables of the process's environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where this server keeps its files. */
export interface Paths {
  /** The folder of all of them. */
  home: string;
  /** The configuration file. */
  configuration: string;
  /** The folder of certificates and the development CA. */
  certificates: string;
  /** The folder of the private CA. */
  authority: string;
  /** The secret that was generated because none was given. */
  jwtSecret: string;
  /** The folder for what the server remembers, unless `server.state_dir` names another. */
  state: string;
}

/** Starts every path where there is no home folder. Nothing can be there, and what fails for it names the reason. */
const noHome = "/dev/null/HOME-is-not-set";

function homeFolder(environment: Environment): string {
  if (environment.HOME) return environment.HOME;
  try {
    return homedir();
  } catch (error) {
    // The user has no entry in the system's list, as is usual for containers that run under any number.
    if (systemCodeOf(error) !== undefined) return noHome;
    throw error;
  }
}

/**
 * The places that users of vibectl-server know.
 *
 * @param environment - `HOME` is where they start; without it, the system's home folder of this user.
 */
export function resolvePaths(environment: Environment): Paths {
  const home = join(homeFolder(environment), ".config", "vibectl", "server");
  return {
    home,
    configuration: join(home, "config.yaml"),
    certificates: join(home, "certs"),
    authority: join(home, "ca"),
    jwtSecret: join(home, "jwt-secret"),
    state: join(home, "state"),
  };
}

/**
 * A path of a configuration file, with its `~/` as the home folder.
 *
 * @param path - As it was written.
 */
export function expandHome(path: string, environment: Environment): string {
  return path.startsWith("~/") ? join(homeFolder(environment), path.slice(2)) : path;
}
