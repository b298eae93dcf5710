import { defineCommand } from "citty";
import type { Meta } from "../invoke.ts";

const meta: Meta = {
  name: "config",
  description: "Shows, checks and changes the configuration",
  example: "vibectl-server config show --origin",
};

/** `config`: the commands of the configuration. */
export const config = defineCommand({
  meta,
  subCommands: {
    show: () => import("./show.ts").then((module) => module.show),
    get: () => import("./get.ts").then((module) => module.get),
    set: () => import("./set.ts").then((module) => module.set),
    unset: () => import("./unset.ts").then((module) => module.unset),
    edit: () => import("./edit.ts").then((module) => module.edit),
    validate: () => import("./validate.ts").then((module) => module.validate),
    diff: () => import("./diff.ts").then((module) => module.diff),
    reset: () => import("./reset.ts").then((module) => module.reset),
    path: () => import("./path.ts").then((module) => module.path),
    schema: () => import("./schema.ts").then((module) => module.schema),
  },
});
