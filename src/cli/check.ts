import { styleText } from "node:util";
import { type ArgsDef, defineCommand } from "citty";
import type { StepResult } from "../client/step.ts";
import { CheckError, UsageError } from "../errors.ts";
import type { Meta } from "./invoke.ts";
import { type Output, output } from "./output.ts";

const args = {
  url: { type: "positional", required: true, description: "vibectl-server://[TOKEN@]HOST[:PORT], or …-insecure://…" },
  "ca-bundle": {
    type: "string",
    valueHint: "file",
    description: "PEM file with the certificates to trust; VIBECTL_CA_BUNDLE or the system's when left out",
  },
  "jwt-path": {
    type: "string",
    valueHint: "file",
    description: "File that holds the token; the URL or VIBECTL_JWT_TOKEN when left out",
  },
  "client-cert": {
    type: "string",
    valueHint: "file",
    description: "PEM file with the certificate chain to show a server that asks for one",
  },
  "client-key": { type: "string", valueHint: "file", description: "PEM file with that certificate's key" },
  prompt: { type: "string", valueHint: "text", description: "Also stream an answer to this" },
  model: { type: "string", valueHint: "model", description: "Who answers; the server's default when left out" },
} satisfies ArgsDef;

const marks = {
  ok: ["ok", "green"],
  warning: ["warn", "yellow"],
  failed: ["FAIL", "red"],
  skipped: ["-", "gray"],
} as const;

const indent = " ".repeat(22);

function formatResult({ step, outcome, summary, details, hint }: StepResult, { colour }: Output): string {
  const [mark, tint] = marks[outcome];
  const shown = colour ? styleText(tint, mark.padEnd(5), { validateStream: false }) : mark.padEnd(5);
  const further = [...details, ...(hint === undefined ? [] : [`hint: ${hint}`])];
  return [`${shown} ${step.padEnd(15)} ${summary}`, ...further.map((line) => indent + line)].join("\n");
}

const meta: Meta = {
  name: "check",
  description:
    "Goes step by step to a server, as vibectl does, and says what failed and what to do. Ends with 0 when all is well",
  example: "vibectl-server check vibectl-server://localhost:50051 --ca-bundle ca-bundle.crt --prompt hello",
};

/** `check URL`: looks at a server from the client's side. */
export const check = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const [certFile, keyFile] = [flags["client-cert"], flags["client-key"]];
    if (!certFile !== !keyFile) {
      throw new UsageError("--client-cert and --client-key belong together", { hint: "Give both, or neither." });
    }
    const [{ checkServer }, { parseServerUrl }, { findToken }, { loadClientCertificate, loadRoots }] =
      await Promise.all([
        import("../client/check-server.ts"),
        import("../client/server-url.ts"),
        import("../client/token.ts"),
        import("../client/trust.ts"),
      ]);
    const environment = process.env;
    const url = parseServerUrl(flags.url);
    const token = await findToken({ url, jwtPath: flags["jwt-path"], environment });
    const certificate = certFile && keyFile ? await loadClientCertificate(certFile, keyFile) : undefined;
    const roots = url.tls ? await loadRoots({ caBundle: flags["ca-bundle"], environment, certificate }) : undefined;
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort(new CheckError("The check was interrupted")));
    let sound = true;
    let openLine = false;
    const prompt =
      flags.prompt === undefined ? undefined : { text: flags.prompt, ...(flags.model ? { model: flags.model } : {}) };
    const events = checkServer(url, { roots, token, prompt, signal: stop.signal });
    for await (const event of events) {
      if (event.kind === "text") {
        output.foreign(event.text);
        openLine = !event.text.endsWith("\n");
        continue;
      }
      if (openLine) output.line();
      openLine = false;
      output.line(formatResult(event, output));
      sound &&= event.outcome !== "failed";
    }
    if (!sound) process.exitCode = 1;
  },
});
