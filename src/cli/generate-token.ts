import { defineCommand } from "citty";
import { issueToken } from "../auth/token.ts";
import { loadConfiguration } from "../config/load.ts";
import { resolvePaths } from "../config/paths.ts";
import { writeFileAtomically } from "../safe-file.ts";
import { loadTokenSettings } from "../server/tokens.ts";
import { parseDuration } from "./duration.ts";
import type { Meta } from "./invoke.ts";
import { output } from "./output.ts";

const meta: Meta = {
  name: "generate-token",
  description: "Issues a token that callers of a server with --require-auth need. It stands alone on stdout",
  example: "vibectl-server generate-token alice --expires-in 30d --output alice.jwt",
};

/** `generate-token SUBJECT`: issues a token. */
export const generateToken = defineCommand({
  meta,
  args: {
    subject: { type: "positional", required: true, description: "Who will bear it, such as a user or host name" },
    "expires-in": {
      type: "string",
      valueHint: "30d",
      description: "How long it is valid: s, min, h, d, w, m (months), y; jwt.expiration_days when left out",
    },
    output: { type: "string", valueHint: "file", description: "File to write it to, readable by its owner alone" },
    config: { type: "string", valueHint: "file", description: "Configuration file" },
  },
  async run({ args }) {
    const environment = process.env;
    const paths = resolvePaths(environment);
    const expiresIn = args["expires-in"];
    const asked = expiresIn === undefined ? undefined : parseDuration(expiresIn, "--expires-in");
    const { configuration, warnings } = await loadConfiguration({ environment, paths, file: args.config });
    const tokens = await loadTokenSettings(configuration.jwt, environment, paths);
    const seconds = asked ?? configuration.jwt.expiration_days * 86_400;
    const { token, expiresAt } = await issueToken(args.subject, seconds, tokens.settings);
    for (const warning of [...warnings, ...tokens.warnings]) output.note(`warning: ${warning}`);
    if (args.output === undefined) return output.line(token);
    await writeFileAtomically(args.output, `${token}\n`, { mode: 0o600, clobber: true });
    output.note(`Wrote a token for ${args.subject} to ${args.output}; it expires at ${expiresAt.toISOString()}`);
  },
});
