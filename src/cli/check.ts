import { type ArgsDef, defineCommand } from "citty";
import { CheckError, UsageError } from "../errors.ts";
import { reportAsJson, reportAsText } from "./check-report.ts";
import type { Meta } from "./invoke.ts";
import { jsonArg } from "./json.ts";
import { output } from "./output.ts";

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
  ...jsonArg,
} satisfies ArgsDef;

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
    const prompt =
      flags.prompt === undefined ? undefined : { text: flags.prompt, ...(flags.model ? { model: flags.model } : {}) };
    const events = checkServer(url, { roots, token, prompt, signal: stop.signal });
    const sound = flags.json ? await reportAsJson(url.display, events, output) : await reportAsText(events, output);
    if (!sound) process.exitCode = 1;
  },
});
