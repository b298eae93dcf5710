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

/** What a caller can ask for. */
export interface Choice {
  offer: Offer;
  /** The name of the model that runs by default, if there is one. */
  defaultModel: string | undefined;
}

/**
 * The part of a choice that a caller may use.
 *
 * @param mayUse - Told a model's id and aliases.
 */
export function permitted({ offer, defaultModel }: Choice, mayUse: (names: readonly string[]) => boolean): Choice {
  const { models, byName } = offer;
  const allowed = new Set(models.filter(({ id, aliases }) => mayUse([id, ...aliases])));
  if (allowed.size === models.length) return { offer, defaultModel };
  const preferred = defaultModel === undefined ? undefined : byName.get(defaultModel);
  return {
    offer: { models: [...allowed], byName: new Map([...byName].filter(([, model]) => allowed.has(model))) },
    defaultModel: preferred && !allowed.has(preferred) ? undefined : defaultModel,
  };
}

/**
 * Describes the server to a client.
 *
 * @param choice - The models.
 * @param identity - The versions.
 */
export function describeServer(
  { offer: { models, byName }, defaultModel }: Choice,
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
