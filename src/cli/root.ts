import { defineCommand } from "citty";

/** The command tree. Each command is loaded when it is named. */
export const root = defineCommand({
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
    "generate-certs": () => import("./generate-certs.ts").then((module) => module.generateCerts),
    ca: () => import("./ca/ca.ts").then((module) => module.ca),
    inspect: () => import("./inspect.ts").then((module) => module.inspect),
    trust: () => import("./trust.ts").then((module) => module.trust),
    untrust: () => import("./trust.ts").then((module) => module.untrust),
    "generate-token": () => import("./generate-token.ts").then((module) => module.generateToken),
  },
});
