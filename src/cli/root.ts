import { defineCommand } from "citty";

/** The command tree. Each command is loaded when it is named. */
export const root = defineCommand({
  meta: {
    name: "vibectl-server",
    description: "Serves large language models to vibectl clients over gRPC",
  },
  subCommands: {
    serve: () => import("./serve.ts").then((module) => module.serve),
    check: () => import("./check.ts").then((module) => module.check),
    "generate-certs": () => import("./generate-certs.ts").then((module) => module.generateCerts),
    "generate-token": () => import("./generate-token.ts").then((module) => module.generateToken),
  },
});
