import { defineCommand } from "citty";
import type { Meta } from "./invoke.ts";
import { runServer } from "./run-server.ts";
import { commonArgs, overridesFrom } from "./serve-flags.ts";

const meta: Meta = {
  name: "serve-insecure",
  description: "Runs the server in plain text, whatever the configuration says: `serve --no-tls`",
  example: "vibectl-server serve-insecure --port 50052",
};

/** `serve-insecure`: `serve` in plain text. */
export const serveInsecure = defineCommand({
  meta,
  args: commonArgs,
  async run({ args: flags }) {
    const overrides = overridesFrom(flags, { value: false, origin: "serve-insecure" }, []);
    await runServer({
      file: flags.config,
      lenient: flags.lenient,
      overrides,
      certificate: { kind: "configured", generate: false },
    });
  },
});
