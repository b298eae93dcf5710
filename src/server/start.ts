import { createTokenVerifier } from "../auth/token.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import type { Environment, Paths } from "../config/paths.ts";
import type { LimitSettings } from "../config/schema.ts";
import { VibectlLLMProxy } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Logger } from "../observe/logger.ts";
import { SchemaThreads } from "../proxy/schema-threads.ts";
import { createProxyService } from "../proxy/service.ts";
import { authenticate } from "../rpc/authenticate.ts";
import { logCalls } from "../rpc/log-calls.ts";
import type { Middleware } from "../rpc/middleware.ts";
import { createRpcServer } from "../rpc/server.ts";
import { implementService } from "../rpc/service.ts";
import { version } from "../version.ts";
import { type LoadedModels, loadModels } from "./models.ts";
import { loadTlsIdentity, type TlsIdentity } from "./tls-identity.ts";
import { type LoadedTokenSettings, loadTokenSettings } from "./tokens.ts";

/** What a server is started from. */
export interface StartOptions {
  loaded: LoadedConfiguration;
  environment: Environment;
  paths: Paths;
  logger: Logger;
  /** Whether a certificate may be made where the configured one is absent. */
  generateCertificates: boolean;
}

/** What is worth telling of a server that runs. */
export interface ServerSummary {
  host: string;
  port: number;
  tls: TlsIdentity | undefined;
  tokens: LoadedTokenSettings | undefined;
  models: LoadedModels;
  /** The configuration file that was read. */
  file: string | undefined;
  warnings: readonly string[];
}

/** A server that runs. */
export interface RunningServer {
  summary: ServerSummary;
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
  const { environment, paths, logger, generateCertificates } = options;
  const { configuration } = options.loaded;
  const { server } = configuration;
  const tls = server.use_tls ? await loadTlsIdentity(server, paths, { generate: generateCertificates }) : undefined;
  const tokens = server.require_auth ? await loadTokenSettings(configuration.jwt, environment, paths) : undefined;
  const models = await loadModels(configuration, environment, logger);

  const service = createProxyService({
    directory: models.directory,
    schemas: new SchemaThreads(),
    identity: { compatibleVersion: server.compatible_version, buildVersion: version },
    log: logger,
  });
  const middleware: Middleware[] = [logCalls(logger)];
  if (tokens) middleware.push(authenticate({ verify: createTokenVerifier(tokens.settings) }));
  const rpc = createRpcServer({
    services: [implementService(VibectlLLMProxy, service)],
    middleware,
    maxRequestBytes: server.max_request_bytes,
    ...(tls ? { tls: { identity: tls.identity } } : {}),
  });
  const address = await rpc.listen({ host: server.host, port: server.port });
  return {
    summary: {
      ...address,
      tls,
      tokens,
      models,
      file: options.loaded.file,
      warnings: [
        ...options.loaded.warnings,
        ...(tls?.warnings ?? []),
        ...(tokens?.warnings ?? []),
        ...models.warnings,
        ...exposureWarnings(server.host, tls, tokens),
        ...limitWarnings(server.limits),
      ],
    },
    stop: () => rpc.close({ graceMs: server.shutdown_grace_seconds * 1000 }),
  };
}
