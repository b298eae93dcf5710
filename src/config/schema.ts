import { z } from "zod";
import { field, text } from "./schema/field.ts";
import { jwt } from "./schema/jwt.ts";
import { provider } from "./schema/provider.ts";
import { server } from "./schema/server.ts";
import { tls } from "./schema/tls.ts";

/** The whole configuration: the one source of its types, defaults, rules and everything that is printed about it. */
export const configurationSchema = z.strictObject({
  server: server.prefault({}),
  tls: tls.prefault({}),
  jwt: jwt.prefault({}),
  providers: field(z.record(z.string().regex(/^[a-z0-9][a-z0-9_-]*$/), provider.nullish()).default({}), {
    description: "Where models come from, each under a name of its own",
    allowed: 'a map of names of lower-case letters, digits, "-" and "_"',
  }),
  model_aliases: field(z.record(text(), text()).default({}), { description: "Other names for models" }),
});

/** A configuration with every default filled in. */
export type Configuration = z.infer<typeof configurationSchema>;
