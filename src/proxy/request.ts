import { ModelError } from "../errors.ts";
import type { ExecuteRequest } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Prompt } from "../providers/provider.ts";
import type { ModelDirectory, OfferedModel } from "./model-directory.ts";
import { type ResponseSchema, readResponseSchema } from "./response-schema.ts";
import type { SchemaThread } from "./schema-thread.ts";

/** A request that was understood. */
export interface Job {
  model: OfferedModel;
  prompt: Prompt;
  schema: ResponseSchema | undefined;
}

/** Fragments of one role belong to one text, a blank line between them. */
function join(fragments: readonly string[]): string {
  return fragments.length === 1 ? (fragments[0] ?? "") : fragments.join("\n\n");
}

/** What requests are understood with. */
export interface RequestOptions {
  /** Knows the models. */
  directory: ModelDirectory;
  /** What runs when a request names no model. */
  defaultModel: string | undefined;
  /** Where schemas are compiled and applied. */
  schemas: SchemaThread;
}

/**
 * Understands a request.
 *
 * @param request - What the caller sent.
 * @throws ModelError NO_MODEL, MODEL_NOT_FOUND or INVALID_REQUEST.
 */
export async function readRequest(
  request: ExecuteRequest,
  { directory, defaultModel, schemas }: RequestOptions,
): Promise<Job> {
  const name = request.modelName || defaultModel;
  if (!name) {
    throw new ModelError("NO_MODEL", "The request names no model, and this server has no default model", {
      hint: "Name one of the models that GetServerInfo lists, or set server.default_model.",
    });
  }
  const user = join(request.userFragments);
  if (user.trim() === "") {
    throw new ModelError("INVALID_REQUEST", "The request has no text in user_fragments", {
      hint: "Send the user's turn as at least one fragment that is not blank.",
    });
  }
  const model = await directory.resolve(name);
  const schema =
    request.responseModelSchema === undefined
      ? undefined
      : await readResponseSchema(request.responseModelSchema, schemas);
  return { model, prompt: { system: join(request.systemFragments), turns: [{ role: "user", text: user }] }, schema };
}
