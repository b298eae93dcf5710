import { type ArgsDef, defineCommand } from "citty";
import { UsageError } from "../errors.ts";
import type { CertificateChoice } from "../server/certificate-source.ts";
import { requireBoth } from "./certificate-flags.ts";
import type { Meta } from "./invoke.ts";
import { runServer } from "./run-server.ts";
import {
  commonArgs,
  dialledNames,
  fileArgs,
  hostArgs,
  overridesFrom,
  type TlsDecision,
  tlsArgs,
} from "./serve-flags.ts";

const args = {
  ...commonArgs,
  tls: { type: "boolean", description: "Serve TLS", negativeDescription: "Serve plain text" },
  "generate-certs": {
    type: "boolean",
    description: "Serve TLS, and make the certificate and its development CA where there is none",
  },
  ephemeral: { type: "boolean", description: "Serve TLS with a certificate and a CA that are kept in memory alone" },
  ...fileArgs,
  ...hostArgs,
  ...tlsArgs,
} satisfies ArgsDef;

interface ModeFlags {
  tls?: boolean | undefined;
  "generate-certs"?: boolean | undefined;
  ephemeral?: boolean | undefined;
  "cert-file"?: string | undefined;
  "key-file"?: string | undefined;
  "client-ca"?: string | undefined;
  "client-crl"?: string | undefined;
  "client-auth"?: string | undefined;
}

const implying = ["generate-certs", "ephemeral", "cert-file", "key-file", "client-ca", "client-crl"] as const;

/** The flag that makes no sense without TLS, if there is one. */
function impliedBy(flags: ModeFlags): string | undefined {
  const asksClients = flags["client-auth"] !== undefined && flags["client-auth"] !== "none";
  return implying.find((name) => flags[name]) ?? (asksClients ? "client-auth" : undefined);
}

/** Whether the flags ask for TLS, for plain text, or leave it to the configuration. */
function decideTls(flags: ModeFlags): TlsDecision {
  const implied = impliedBy(flags);
  if (flags.tls === false) {
    if (implied) throw new UsageError(`--no-tls and --${implied} contradict each other`);
    return { value: false, origin: "--no-tls" };
  }
  if (implied) return { value: true, origin: `--${implied}` };
  return { value: flags.tls, origin: "--tls" };
}

function chooseCertificate(flags: ModeFlags): CertificateChoice {
  if (!flags.ephemeral) return { kind: "configured", generate: flags["generate-certs"] === true };
  const other = (["generate-certs", "cert-file", "key-file"] as const).find((name) => flags[name]);
  if (other) throw new UsageError(`--ephemeral and --${other} contradict each other`);
  return { kind: "ephemeral" };
}

const meta: Meta = {
  name: "serve",
  description: "Runs the server",
  example: "vibectl-server serve --generate-certs --require-auth",
};

/** `serve`: runs the server until it is told to stop. */
export const serve = defineCommand({
  meta,
  args,
  async run({ args: flags, rawArgs }) {
    requireBoth(flags);
    const choice = chooseCertificate(flags);
    const overrides = overridesFrom(flags, decideTls(flags), dialledNames(flags, rawArgs));
    await runServer({ file: flags.config, lenient: flags.lenient, overrides, certificate: choice });
  },
});
