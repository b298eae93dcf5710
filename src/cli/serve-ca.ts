import { type ArgsDef, defineCommand } from "citty";
import { caDirArg, caDirectory, keyTypeArg, readDays, readKeyType, validityArg } from "./certificate-flags.ts";
import { type Meta, valuesOf } from "./invoke.ts";
import { runServer } from "./run-server.ts";
import { commonArgs, hostArgs, overridesFrom, tlsArgs } from "./serve-flags.ts";

const args = {
  ...commonArgs,
  ...caDirArg,
  ...hostArgs,
  ...validityArg,
  ...keyTypeArg,
  ...tlsArgs,
} satisfies ArgsDef;

/** What clients on this machine dial. */
const local = ["localhost", "127.0.0.1", "::1"] as const;

const meta: Meta = {
  name: "serve-ca",
  description: "Runs the server with a certificate of the private CA, which is issued and renewed as needed",
  example: "vibectl-server serve-ca --hostname llm.example.org --host 0.0.0.0 --require-auth",
};

/** `serve-ca`: `serve` with a certificate of the private CA. */
export const serveCa = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    const { hostname } = flags;
    const sans = valuesOf(rawArgs, "san");
    const overrides = overridesFrom(flags, { value: true, origin: "serve-ca" }, []);
    const lifetimeDays = readDays(flags["validity-days"], "--validity-days");
    const keyType = readKeyType(flags["key-type"]);
    await runServer({
      file: flags.config,
      lenient: flags.lenient,
      overrides,
      certificate: {
        kind: "private-ca",
        directory: caDirectory(flags),
        hosts: hostname === undefined ? [...local, ...sans] : [hostname, ...sans],
        lifetimeDays,
        keyType,
      },
    });
  },
});
