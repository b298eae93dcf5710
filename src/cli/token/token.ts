import { defineCommand } from "citty";

/** `token`: issued tokens. */
export const token = defineCommand({
  meta: { name: "token", description: "Issues, looks at and revokes the tokens that callers show" },
  subCommands: {
    create: () => import("./create.ts").then((module) => module.create),
    inspect: () => import("./inspect.ts").then((module) => module.inspect),
    verify: () => import("./verify.ts").then((module) => module.verify),
    list: () => import("./list.ts").then((module) => module.list),
    revoke: () => import("./revoke.ts").then((module) => module.revoke),
    "rotate-secret": () => import("./rotate-secret.ts").then((module) => module.rotateSecretCommand),
  },
});
