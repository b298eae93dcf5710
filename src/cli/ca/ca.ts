import { defineCommand } from "citty";
import type { Meta } from "../invoke.ts";

const meta: Meta = {
  name: "ca",
  description: "Looks after a private CA: a root, an intermediate, and what they issue",
  example: "vibectl-server ca init && vibectl-server ca create-server-cert llm.example.org",
};

/** `ca`: the private CA. */
export const ca = defineCommand({
  meta,
  subCommands: {
    init: () => import("./init.ts").then((module) => module.init),
    "create-server-cert": () => import("./create-server-cert.ts").then((module) => module.createServerCert),
    "create-client-cert": () => import("./create-client-cert.ts").then((module) => module.createClientCert),
    status: () => import("./status.ts").then((module) => module.status),
    "check-expiry": () => import("./check-expiry.ts").then((module) => module.checkExpiry),
    renew: () => import("./renew.ts").then((module) => module.renew),
    revoke: () => import("./revoke.ts").then((module) => module.revoke),
    "export-bundle": () => import("./export-bundle.ts").then((module) => module.exportBundle),
  },
});
