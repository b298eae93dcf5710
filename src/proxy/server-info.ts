import { create } from "@bufbuild/protobuf";
import {
  type GetServerInfoResponse,
  GetServerInfoResponseSchema,
  ModelInfoSchema,
  ServerLimitsSchema,
  ModelHealth as WireHealth,
} from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Offer, OfferedModel } from "./model-directory.ts";
import type { ModelHealth } from "./routing/targets.ts";

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

const wireHealth: Readonly<Record<ModelHealth, WireHealth>> = {
  available: WireHealth.AVAILABLE,
  recovering: WireHealth.RECOVERING,
  unavailable: WireHealth.UNAVAILABLE,
};

/**
 * Describes the server to a client.
 *
 * @param choice - The models.
 * @param identity - The versions.
 * @param healthOf - How a model is doing.
 */
export function describeServer(
  { offer: { models, byName }, defaultModel }: Choice,
  identity: ServerIdentity,
  healthOf: (model: OfferedModel) => ModelHealth,
): GetServerInfoResponse {
  const modelAliases: Record<string, string> = {};
  for (const { id, aliases } of models) for (const alias of aliases) modelAliases[alias] = id;
  return create(GetServerInfoResponseSchema, {
    availableModels: models.map((model) =>
      create(ModelInfoSchema, {
        modelId: model.id,
        displayName: model.displayName,
        provider: model.provider.name,
        supportsStreaming: model.streaming,
        ...(model.contextLength === undefined ? {} : { maxContextLength: model.contextLength }),
        aliases: model.aliases,
        health: wireHealth[healthOf(model)],
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
