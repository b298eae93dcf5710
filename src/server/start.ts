import { createTokenVerifier } from "../auth/token.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import type { Environment, Paths } from "../config/paths.ts";
import type { Configuration, LimitSettings } from "../config/schema.ts";
import { VibectlLLMProxy } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Logger } from "../observe/logger.ts";
import { coversHost, isUnspecifiedAddress } from "../pki/host-names.ts";
import { SchemaThreads } from "../proxy/schema-threads.ts";
import { createProxyService } from "../proxy/service.ts";
import { authenticate } from "../rpc/authenticate.ts";
import { logCalls } from "../rpc/log-calls.ts";
import type { Middleware } from "../rpc/middleware.ts";
import { createRpcServer } from "../rpc/server.ts";
import { implementService } from "../rpc/service.ts";
import { version } from "../version.ts";
import { type CertificateChoice, chooseCertificate } from "./certificate-source.ts";
import { type LoadedModels, loadModels } from "./models.ts";
import { loadTls, type TlsSummary } from "./tls.ts";
import { type LoadedTokenSettings, loadTokenSettings } from "./tokens.ts";

/** What a server is started from. */
export interface StartOptions {
  loaded: LoadedConfiguration;
  environment: Environment;
  paths: Paths;
  logger: Logger;
  /** Which certificate is served, where TLS is. */
  certificate: CertificateChoice;
}

/** What is worth telling of a server that runs. */
export interface ServerSummary {
  host: string;
  port: number;
  tls: TlsSummary | undefined;
  /** What turned TLS on or off: a flag, a variable, a place in the file, or `default`. */
  tlsOrigin: string;
  tokens: LoadedTokenSettings | undefined;
  models: LoadedModels;
  /** The configuration file that was read. */
  file: string | undefined;
  warnings: readonly string[];
}

/** A server that runs. */
export interface RunningServer {
  summary: ServerSummary;
  /** Loads the certificate and the clients' CAs anew. */
  reload(reason: string): Promise<void>;
  /** Stops accepting, lets running calls finish within the grace period, then ends them. */
  stop(): Promise<void>;
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

function exposureWarnings(host: string, tls: unknown, tokens: unknown): string[] {
  if (loopback.test(host)) return [];
  const risks = [
    ...(tls ? [] : ["prompts and tokens travel unencrypted (--tls)"]),
    ...(tokens ? [] : ["anyone who reaches it can spend your keys' money (--require-auth)"]),
  ];
  return risks.map((risk) => `${host} can be reached from other machines, and ${risk}`);
}

/** Where it listens for others, they may well dial just that. */
function hostWarnings(host: string, tls: TlsSummary | undefined): string[] {
  const bare = host.replace(/^\[(.*)\]$/, "$1");
  if (!tls || loopback.test(host) || isUnspecifiedAddress(bare) || coversHost(tls.hosts, bare)) return [];
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

/**
 * Builds every part from the configuration and listens.
 *
 * @throws VibectlError of the part that can't be built; nothing listens then.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { environment, paths, logger, certificate: choice } = options;
  const { configuration } = options.loaded;
  const { server, tls: tlsSettings } = configuration;
  const tls = server.use_tls
    ? await loadTls(chooseCertificate({ server, tls: tlsSettings, paths, choice }), tlsSettings, logger)
    : undefined;
  const tokens = server.require_auth ? await loadTokenSettings(configuration.jwt, environment, paths) : undefined;
  const models = await loadModels(configuration, environment, logger);

  const service = createProxyService({
    directory: models.directory,
    schemas: new SchemaThreads(),
    identity: { compatibleVersion: server.compatible_version, buildVersion: version },
    log: logger,
  });
  const middleware: Middleware[] = [logCalls(logger)];
  const certificates = tls?.identification;
  if (tokens) middleware.push(authenticate({ verify: createTokenVerifier(tokens.settings), certificates }));
  else if (certificates) middleware.push(authenticate({ certificates }));
  const rpc = createRpcServer({
    services: [implementService(VibectlLLMProxy, service)],
    middleware,
    maxRequestBytes: server.max_request_bytes,
    tls: tls?.options,
    onHandshakeFailure: ({ peer, code, certificate }) => {
      if (certificate) logger.warn({ peer, code }, "the client's certificate was refused");
      else logger.debug({ peer, code }, "a TLS handshake failed");
    },
  });
  const address = await rpc.listen({ host: server.host, port: server.port });
  tls?.keep(rpc);
  return {
    summary: {
      ...address,
      tls: tls?.summary,
      tlsOrigin: options.loaded.originOf("server.use_tls"),
      tokens,
      models,
      file: options.loaded.file,
      warnings: [
        ...options.loaded.warnings,
        ...(tls?.warnings ?? []),
        ...(tokens?.warnings ?? []),
        ...models.warnings,
        ...exposureWarnings(server.host, tls, tokens ?? certificates?.required),
        ...hostWarnings(server.host, tls?.summary),
        ...unusedWarnings(tls, tlsSettings),
        ...limitWarnings(server.limits),
      ],
    },
    reload: async (reason) => await tls?.reload(reason),
    async stop() {
      tls?.stop();
      await rpc.close({ graceMs: server.shutdown_grace_seconds * 1000 });
    },
  };
}
