import { defineCommand } from "citty";
import type { Meta } from "../invoke.ts";

const meta: Meta = {
  name: "token",
  description: "Issues, looks at and revokes the tokens that callers show",
  example: "vibectl-server token create alice --expires-in 30d --output alice.jwt",
};

/** `token`: issued tokens. */
export const token = defineCommand({
  meta,
  subCommands: {
    create: () => import("./create.ts").then((module) => module.create),
    inspect: () => import("./inspect.ts").then((module) => module.inspect),
    verify: () => import("./verify.ts").then((module) => module.verify),
    list: () => import("./list.ts").then((module) => module.list),
    revoke: () => import("./revoke.ts").then((module) => module.revoke),
    "rotate-secret": () => import("./rotate-secret.ts").then((module) => module.rotateSecretCommand),
  },
});
