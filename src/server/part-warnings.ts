import type { LimitSettings } from "../config/schema/server.ts";
import type { Configuration } from "../config/schema.ts";
import { coversHost, isUnspecifiedAddress } from "../pki/host-names.ts";
import { exposureWarnings, isLoopback } from "./exposure.ts";
import type { Parts } from "./parts.ts";
import type { TlsSummary } from "./tls.ts";

/** Where it listens for others, they may well dial just that. */
function hostWarnings(host: string, tls: TlsSummary | undefined): string[] {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!tls || isLoopback(host) || isUnspecifiedAddress(bare) || coversHost(tls.hosts, bare)) return [];
  return [`The certificate does not cover ${host}, where the server listens; it is for ${tls.hosts.join(", ")}`];
}

/** Plain text has no certificates: whoever has set this up for clients expects more than they get. */
function unusedWarnings(
  tls: unknown,
  { client_ca_file, client_crl_file, client_auth }: Configuration["tls"],
): string[] {
  const asked = client_auth === "request" || client_auth === "require";
  const set = Object.entries({ client_ca_file, client_crl_file, ...(asked && { client_auth }) }).find(
    ([, value]) => value,
  );
  return tls || !set ? [] : [`tls.${set[0]} is set, but TLS is off: no client shows a certificate`];
}

function limitWarnings({ global, per_token }: { global: LimitSettings; per_token: Record<string, LimitSettings> }) {
  const set = [global, ...Object.values(per_token)].some((limits) => Object.values(limits).some((limit) => limit));
  return set ? ["server.limits is set, but this version does not enforce limits yet"] : [];
}

/** What an operator should know of the parts in force, each a sentence. */
export function warningsOf({ loaded, tls, tokens, models }: Parts): string[] {
  const { server, tls: settings } = loaded.configuration;
  return [
    ...loaded.warnings,
    ...(tls?.warnings ?? []),
    ...(tokens?.rules.warnings ?? []),
    ...models.warnings,
    ...exposureWarnings(loaded),
    ...hostWarnings(server.host, tls?.summary),
    ...unusedWarnings(tls, settings),
    ...limitWarnings(server.limits),
    ...(server.log_prompts ? ["server.log_prompts is on: prompts and answers are written to the log"] : []),
  ];
}
