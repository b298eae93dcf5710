import { type ArgsDef, defineCommand } from "citty";
import { resolvePaths } from "../config/paths.ts";
import { configArg } from "./config/config-file.ts";
import { reportFindings, reportFindingsAsJson } from "./doctor-report.ts";
import type { Meta } from "./invoke.ts";
import { jsonArg } from "./json.ts";
import { output } from "./output.ts";

const args = {
  ...configArg,
  online: {
    type: "boolean",
    description: "Also ask the providers for their models, and the issuer of tokens for its keys",
  },
  ...jsonArg,
} satisfies ArgsDef;

const meta: Meta = {
  name: "doctor",
  description:
    "Checks the whole set-up and says what to do, and changes nothing. Ends with 0 when nothing has to be mended",
  example: "vibectl-server doctor --online",
};

/** `doctor`: looks at everything that a server is set up with. */
export const doctor = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const { diagnose } = await import("../server/doctor/diagnose.ts");
    const environment = process.env;
    const found = diagnose({
      environment,
      paths: resolvePaths(environment),
      file: flags.config,
      online: flags.online === true,
      clock: () => new Date(),
      fetch,
    });
    const sound = flags.json ? await reportFindingsAsJson(found, output) : await reportFindings(found, output);
    if (!sound) process.exitCode = 1;
  },
});
