import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadConfiguration } from "../../../../src/config/load.ts";
import { type Environment, type Paths, resolvePaths } from "../../../../src/config/paths.ts";
import type { AskingContext } from "../../../../src/server/doctor/context.ts";
import type { Finding } from "../../../../src/server/doctor/finding.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";

/** What a home folder is made with. */
interface HomeSettings {
  /** The configuration file's content; JSON is YAML. */
  configuration?: object;
  environment?: Environment;
  /** Further files by their paths below the server's folder. */
  files?: Readonly<Record<string, string>>;
}

/** A user's home folder. */
export interface DoctorHome {
  environment: Environment;
  paths: Paths;
  /** What checks are told, which ask nobody unless they are told to. */
  context(changes?: Partial<AskingContext>): Promise<AskingContext>;
  /** A path below the server's folder. */
  file(name: string): string;
}

/**
 * Makes a folder for one test file.
 *
 * @returns A function that makes, each time, a user's home folder in it.
 */
export function doctorHomes(): (settings?: HomeSettings) => DoctorHome {
  const freshFolder = temporaryFolders();
  return ({ configuration, environment: variables, files = {} } = {}) => {
    const home = freshFolder();
    const environment = { HOME: home, ...variables };
    const paths = resolvePaths(environment);
    const file = (name: string) => join(paths.home, name);
    const text = configuration === undefined ? {} : { "config.yaml": JSON.stringify(configuration) };
    for (const [name, content] of Object.entries({ ...text, ...files })) {
      mkdirSync(dirname(file(name)), { recursive: true, mode: 0o700 });
      writeFileSync(file(name), content, { mode: 0o600 });
    }
    const context = async (changes: Partial<AskingContext> = {}): Promise<AskingContext> => ({
      environment,
      paths,
      online: false,
      now: new Date(),
      loaded: await loadConfiguration({ environment, paths }),
      fetch,
      watch: (inner) => inner,
      ...changes,
    });
    return { environment, paths, context, file };
  };
}

/** Findings as text: the outcome, the summary, what stands below it, and the hint. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ outcome, summary, details, hint }) =>
    [`${outcome}: ${summary}`, ...details, ...(hint === undefined ? [] : [`hint: ${hint}`])].join("\n"),
  );
}
