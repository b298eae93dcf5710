import { z } from "zod";
import { field, nameLetters, namePattern, text } from "./schema/field.ts";
import { jwt } from "./schema/jwt.ts";
import { provider } from "./schema/provider.ts";
import { breaker, retries } from "./schema/retries.ts";
import { modelFallbacks, modelRoutes } from "./schema/routes.ts";
import { server } from "./schema/server.ts";
import { tls } from "./schema/tls.ts";

/** The whole configuration: the one source of its types, defaults, rules and everything that is printed about it. */
export const configurationSchema = z.strictObject({
  server: server.prefault({}),
  tls: tls.prefault({}),
  jwt: jwt.prefault({}),
  providers: field(z.record(z.string().regex(namePattern), provider.nullish()).default({}), {
    description: "Where models come from, each under a name of its own",
    allowed: `a map of names of ${nameLetters}`,
  }),
  model_aliases: field(z.record(text(), text()).default({}), { description: "Other names for models" }),
  model_routes: modelRoutes,
  model_fallbacks: modelFallbacks,
  retries: retries.prefault({}),
  breaker: breaker.prefault({}),
});

/** A configuration with every default filled in. */
export type Configuration = z.infer<typeof configurationSchema>;
