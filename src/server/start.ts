import type { Configuration } from "../config/schema.ts";
import { VibectlLLMProxy } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { SchemaThreads } from "../proxy/schema-threads.ts";
import { createProxyService, type ProxyService } from "../proxy/service.ts";
import { WorkerPlaces } from "../proxy/worker-places.ts";
import { authenticate } from "../rpc/authenticate.ts";
import type { CallContext } from "../rpc/context.ts";
import { logCalls } from "../rpc/log-calls.ts";
import type { Middleware } from "../rpc/middleware.ts";
import { createRpcServer } from "../rpc/server.ts";
import { implementService } from "../rpc/service.ts";
import { version } from "../version.ts";
import { authorize, claimsKey, mayUseModel } from "./authorization.ts";
import { LiveParts, type LivePartsOptions } from "./live-parts.ts";
import type { ModelSummary } from "./models.ts";
import { warningsOf } from "./part-warnings.ts";
import type { TlsSummary } from "./tls.ts";

/** What is worth telling of a server that runs. */
export interface ServerSummary {
  host: string;
  port: number;
  tls: TlsSummary | undefined;
  /** What turned TLS on or off: a flag, a variable, a place in the file, or `default`. */
  tlsOrigin: string;
  /** Where the key that checks tokens comes from; undefined where calls need none. */
  tokenSource: string | undefined;
  models: ModelSummary;
  /** The configuration file that was read. */
  file: string | undefined;
  warnings: readonly string[];
}

/** A server that runs. */
export interface RunningServer {
  summary: ServerSummary;
  /** Loads the configuration, the certificate and the keys anew. */
  reload(reason: string): Promise<void>;
  /** Stops accepting, lets running calls finish within the grace period, then ends them. */
  stop(): Promise<void>;
}

/** The service, which asks for what is in force at each call. */
function serviceOf(
  live: LiveParts,
  { logger }: LivePartsOptions,
  { server }: Configuration,
): ProxyService<CallContext> {
  return createProxyService<CallContext>({
    get models() {
      return live.current.models;
    },
    get logPrompts() {
      return live.current.loaded.configuration.server.log_prompts;
    },
    mayUse: mayUseModel,
    schemas: new SchemaThreads(),
    places: new WorkerPlaces(
      {
        get running() {
          return live.current.loaded.configuration.server.max_workers;
        },
        get waiting() {
          return live.current.loaded.configuration.server.max_queued;
        },
      },
      () => performance.now(),
    ),
    onUsage: ({ outcome, ...record }) => {
      if (outcome === "OK") logger.debug(record, "an answer used tokens");
      else logger.info({ ...record, outcome }, "an answer that did not come to its end used tokens");
    },
    identity: { compatibleVersion: server.compatible_version, buildVersion: version },
    log: logger,
  });
}

/** What calls go through. Tokens and certificates are asked for as they are in force at each call. */
function middlewareOf(live: LiveParts, { logger }: LivePartsOptions): Middleware[] {
  const identification = authenticate({
    get verify() {
      const { tokens } = live.current;
      if (!tokens) return undefined;
      return async (token: string, context: CallContext) => {
        const claims = await tokens.verify(token);
        context.set(claimsKey, claims);
        return claims;
      };
    },
    get certificates() {
      return live.current.tls?.identification;
    },
  });
  return [logCalls(logger), identification, authorize()];
}

/**
 * Builds every part from the configuration and listens.
 *
 * @throws VibectlError of the part that can't be built; nothing listens then.
 */
export async function startServer(options: LivePartsOptions): Promise<RunningServer> {
  const { logger } = options;
  const live = await LiveParts.build(options);
  const parts = live.current;
  const { loaded } = parts;
  const { server } = loaded.configuration;
  const rpc = createRpcServer({
    services: [implementService(VibectlLLMProxy, serviceOf(live, options, loaded.configuration))],
    middleware: middlewareOf(live, options),
    maxRequestBytes: server.max_request_bytes,
    tls: parts.tls?.options,
    onHandshakeFailure: ({ peer, code, certificate }) => {
      if (certificate) logger.warn({ peer, code }, "the client's certificate was refused");
      else logger.debug({ peer, code }, "a TLS handshake failed");
    },
  });
  const address = await rpc.listen({ host: server.host, port: server.port });
  live.keep(rpc);
  return {
    summary: {
      ...address,
      tls: parts.tls?.summary,
      tlsOrigin: loaded.originOf(["server", "use_tls"]),
      tokenSource: parts.tokens?.rules.source,
      models: parts.models,
      file: loaded.file,
      warnings: warningsOf(parts),
    },
    reload: (reason) => live.reload(reason),
    async stop() {
      live.stop();
      await rpc.close({ graceMs: live.current.loaded.configuration.server.shutdown_grace_seconds * 1000 });
    },
  };
}
