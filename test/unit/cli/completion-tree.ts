import { type ArgsDef, type CommandDef, defineCommand } from "citty";
import { completionFor } from "../../../src/cli/completion.ts";
import type { Repeatable, Suggesting } from "../../../src/cli/invoke.ts";

const serveArgs = {
  format: { type: "enum", options: ["text", "json"], description: "Form" },
  level: { type: "string", valueHint: "low|high", description: "Level" },
  from: { type: "string", valueHint: "file", description: "Source" },
  san: { type: "string", valueHint: "name", description: "Name", repeatable: true },
  tls: { type: "boolean", description: "TLS", negativeDescription: "Plain text" },
} satisfies ArgsDef & Record<string, Repeatable>;

const initArgs = {
  place: { type: "positional", description: "Where", suggest: "folder" },
} satisfies ArgsDef & Record<string, Suggesting>;

const getArgs = {
  key: { type: "positional", description: "Which", suggest: async () => ["host", "port"] },
  json: { type: "boolean", description: "Print JSON" },
} satisfies ArgsDef & Record<string, Suggesting>;

const ca = defineCommand({
  meta: { name: "ca", description: "Looks after a CA" },
  subCommands: {
    init: () => defineCommand({ meta: { name: "init", description: "Makes" }, args: initArgs }),
    get: () => defineCommand({ meta: { name: "get", description: "Gets" }, args: getArgs }),
  },
});

/** A tree of commands that has one of everything that can be completed. */
export const completionTree: CommandDef = defineCommand({
  meta: { name: "vibectl-server", description: "A server" },
  subCommands: {
    serve: () => defineCommand({ meta: { name: "serve", description: "Serves" }, args: serveArgs }),
    ca: () => ca,
    completion: () => completionFor(completionTree),
  },
});
