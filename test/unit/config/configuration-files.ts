import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ExaminedConfiguration, examineConfiguration, type LoadOptions } from "../../../src/config/load.ts";
import { resolvePaths } from "../../../src/config/paths.ts";
import { formatProblem } from "../../../src/config/problems.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** What a test says of a configuration: the text of its file, and what else there is. */
export interface Given extends Partial<Pick<LoadOptions, "environment" | "overrides" | "lenient">> {
  text?: string | Uint8Array;
}

/** Writes and examines configuration files. */
export interface ConfigurationFiles {
  /** Writes a file that only its owner may read, and gives its name. */
  write(text: string | Uint8Array): string;
  examine(given: Given): Promise<ExaminedConfiguration>;
  /** The problems that are found, with `FILE` for the file's name. */
  problemsOf(given: Given): Promise<string[]>;
}

/** Makes a folder for the configuration files of one test file. */
export function configurationFiles(): ConfigurationFiles {
  const folder = temporaryFolder();
  let count = 0;
  const write = (text: string | Uint8Array) => {
    const file = join(folder, `${count++}.yaml`);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const examine = ({ text, environment = {}, ...rest }: Given) =>
    examineConfiguration({
      environment,
      paths: resolvePaths({ HOME: folder }),
      file: text === undefined ? undefined : write(text),
      ...rest,
    });
  const problemsOf = async (given: Given) => {
    const { problems, file, loaded } = await examine(given);
    if (loaded !== undefined) return [];
    return problems.map(formatProblem).map((problem) => (file ? problem.replaceAll(file, "FILE") : problem));
  };
  return { write, examine, problemsOf };
}
