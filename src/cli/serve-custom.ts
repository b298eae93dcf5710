import { type ArgsDef, defineCommand } from "citty";
import type { Meta } from "./invoke.ts";
import { runServer } from "./run-server.ts";
import { commonArgs, dialledNames, fileArgs, hostArgs, overridesFrom, tlsArgs } from "./serve-flags.ts";

const args = {
  ...commonArgs,
  ...fileArgs,
  "cert-file": { ...fileArgs["cert-file"], required: true },
  "key-file": { ...fileArgs["key-file"], required: true },
  ...hostArgs,
  ...tlsArgs,
} satisfies ArgsDef;

const meta: Meta = {
  name: "serve-custom",
  description: "Runs the server with a certificate of your own: `serve --cert-file … --key-file …`",
  example: "vibectl-server serve-custom --cert-file tls.crt --key-file tls.key --ca-bundle-file company-root.crt",
};

/** `serve-custom`: `serve` with files that are named. */
export const serveCustom = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const overrides = overridesFrom(flags, { value: true, origin: "serve-custom" }, dialledNames(flags, rawArgs));
    await runServer({
      file: flags.config,
      lenient: flags.lenient,
      overrides,
      certificate: { kind: "configured", generate: false },
    });
  },
});
