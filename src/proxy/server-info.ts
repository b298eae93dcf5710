import { create } from "@bufbuild/protobuf";
import {
  type GetServerInfoResponse,
  GetServerInfoResponseSchema,
  ModelInfoSchema,
  ServerLimitsSchema,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Offer } from "./model-directory.ts";

/** What the server says of itself. */
export interface ServerIdentity {
  /** The vibectl release whose protocol is spoken. */
  compatibleVersion: string;
  /** This server's own version. */
  buildVersion: string;
}

/**
 * Describes the server to a client.
 *
 * @param offer - The models.
 * @param defaultModel - The name of the one that runs by default.
 * @param identity - The versions.
 */
export function describeServer(
  { models, byName }: Offer,
  defaultModel: string | undefined,
  identity: ServerIdentity,
): GetServerInfoResponse {
  const modelAliases: Record<string, string> = {};
  for (const { id, aliases } of models) for (const alias of aliases) modelAliases[alias] = id;
  return create(GetServerInfoResponseSchema, {
    availableModels: models.map(({ id, displayName, provider, streaming, contextLength, aliases }) =>
      create(ModelInfoSchema, {
        modelId: id,
        displayName,
        provider: provider.name,
        supportsStreaming: streaming,
        ...(contextLength === undefined ? {} : { maxContextLength: contextLength }),
        aliases,
      }),
    ),
    defaultModel: defaultModel === undefined ? "" : (byName.get(defaultModel)?.id ?? defaultModel),
    limits: create(ServerLimitsSchema),
    serverVersion: identity.compatibleVersion,
    modelAliases,
    serverName: "vibectl-llm-proxy",
    buildVersion: identity.buildVersion,
  });
}
