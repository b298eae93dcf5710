import { stat } from "node:fs/promises";
import { configurationFile, examineConfiguration, type LoadedConfiguration } from "../../config/load.ts";
import { formatProblem } from "../../config/problems.ts";
import type { DoctorContext } from "./context.ts";
import { counted } from "./counted.ts";
import { type Finding, failed, failureOf, okUnless } from "./finding.ts";

/** What to look at. */
export interface ConfigurationCheck extends Pick<DoctorContext, "environment" | "paths"> {
  /** A file that has to exist; otherwise the usual one is read if it is there. */
  file: string | undefined;
}

/** What was found, and the configuration where it is sound. */
export interface CheckedConfiguration {
  findings: Finding[];
  loaded: LoadedConfiguration | undefined;
}

/** Who can write the file can have the server do anything. */
async function writableWarnings(file: string): Promise<string[]> {
  if (process.platform === "win32") return [];
  const { mode } = await stat(file);
  return (mode & 0o022) === 0 ? [] : [`Other users can write ${file}: chmod go-w ${file}`];
}

/** Checks whether the configuration is there and right, and tells all that is wrong with it. It never throws. */
export async function checkConfiguration(options: ConfigurationCheck): Promise<CheckedConfiguration> {
  try {
    const { file, problems, warnings: known, loaded } = await examineConfiguration(options);
    const warnings = [...known, ...(file ? await writableWarnings(file) : [])];
    if (!loaded) {
      const details = [...problems.map(formatProblem), ...warnings];
      const hint = "Mend them; `vibectl-server config schema` prints what every key takes.";
      return {
        findings: [failed(`${counted(problems.length, "problem")} in the configuration`, { details, hint })],
        loaded,
      };
    }
    const summary = file ?? `there is no ${configurationFile(options)}: the defaults are in force`;
    const hint = file ? undefined : "To begin with a commented file: vibectl-server init-config";
    return { findings: [okUnless(warnings, summary, { hint })], loaded };
  } catch (error) {
    return { findings: [failureOf(error)], loaded: undefined };
  }
}
