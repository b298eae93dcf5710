import { type CommandDef, defineCommand } from "citty";

/** The command tree. Each command is loaded when it is named. */
export const root: CommandDef = defineCommand({
  meta: {
    name: "vibectl-server",
    description: "Serves large language models to vibectl clients over gRPC",
  },
  subCommands: {
    serve: () => import("./serve.ts").then((module) => module.serve),
    "serve-ca": () => import("./serve-ca.ts").then((module) => module.serveCa),
    "serve-custom": () => import("./serve-custom.ts").then((module) => module.serveCustom),
    "serve-insecure": () => import("./serve-insecure.ts").then((module) => module.serveInsecure),
    check: () => import("./check.ts").then((module) => module.check),
    doctor: () => import("./doctor.ts").then((module) => module.doctor),
    "init-config": () => import("./init-config.ts").then((module) => module.initConfig),
    config: () => import("./config/config.ts").then((module) => module.config),
    token: () => import("./token/token.ts").then((module) => module.token),
    "generate-token": () => import("./token/create.ts").then((module) => module.generateToken),
    "generate-secret": () => import("./generate-secret.ts").then((module) => module.generateSecret),
    "generate-certs": () => import("./generate-certs.ts").then((module) => module.generateCerts),
    ca: () => import("./ca/ca.ts").then((module) => module.ca),
    inspect: () => import("./inspect.ts").then((module) => module.inspect),
    trust: () => import("./trust.ts").then((module) => module.trust),
    untrust: () => import("./trust.ts").then((module) => module.untrust),
    completion: () => import("./completion.ts").then((module) => module.completionFor(root)),
  },
});
