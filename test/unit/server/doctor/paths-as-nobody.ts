import { resolvePaths } from "../../../../src/config/paths.ts";
import { configurationSchema } from "../../../../src/config/schema.ts";
import { checkPaths } from "../../../../src/server/doctor/paths.ts";

// Root may write everywhere: the number is that of nobody.
if (process.getuid?.() === 0) process.setuid?.(65534);
/** Without a home folder nothing is needed in it, and the state folder is one that can't be made. */
const [, , home] = process.argv;
const server = home ? { require_auth: true, use_tls: true } : { require_auth: true, state_dir: "/usr/vibectl-server" };
const configuration = configurationSchema.parse({ server });
if (!home) configuration.jwt.secret_key = "given";
const loaded = { configuration, file: undefined, warnings: [], originOf: () => "default" };
const findings = await checkPaths({ loaded, paths: resolvePaths({ HOME: home ?? "/vibectl-server-home" }) });
const told = findings.map(({ outcome, summary, details, hint }) =>
  [`${outcome}: ${summary}`, ...details, `hint: ${hint}`].join("\n"),
);
process.stdout.write(JSON.stringify(told));
