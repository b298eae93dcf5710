import { ModelError, PermissionDeniedError } from "../errors.ts";
import type { ExecuteRequest } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Prompt } from "../providers/provider.ts";
import type { Call } from "./call.ts";
import type { ModelDirectory, OfferedModel } from "./model-directory.ts";
import { type ResponseSchema, readResponseSchema } from "./response-schema.ts";
import type { SchemaThreads } from "./schema-threads.ts";

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

/** Longest request id, in characters. */
const longestRequestId = 256;

/** The id that an answer carries: the caller's own, or a new one where there is none or it is too long. */
export function requestIdOf({ requestId }: ExecuteRequest): string {
  return requestId !== "" && requestId.length <= longestRequestId ? requestId : crypto.randomUUID();
}

/** What requests are understood with. */
export interface RequestOptions<C extends Call> {
  /** Knows the models. It is asked for at each call, as another one can take its place. */
  readonly directory: ModelDirectory;
  /**
   * Whether a call may use a model.
   *
   * @param names - Its id and its aliases.
   */
  mayUse(call: C, names: readonly string[]): boolean;
  /** Where schemas are compiled and applied. */
  schemas: SchemaThreads;
}

/**
 * Understands a request.
 *
 * @param request - What the caller sent.
 * @param call - The call that it came with.
 * @throws ModelError NO_MODEL, MODEL_NOT_FOUND or INVALID_REQUEST.
 * @throws PermissionDeniedError when the call may not use the model.
 */
export async function readRequest<C extends Call>(
  request: ExecuteRequest,
  call: C,
  { directory, schemas, mayUse }: RequestOptions<C>,
): Promise<Job> {
  if (request.requestId.length > longestRequestId) {
    throw new ModelError("INVALID_REQUEST", `request_id has ${request.requestId.length} characters`, {
      hint: `Send at most ${longestRequestId}: every message of the answer carries it.`,
    });
  }
  const name = request.modelName || (await directory.defaultModel());
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
  const isPermitted = ({ id, aliases }: OfferedModel) => mayUse(call, [id, ...aliases]);
  const model = await directory.resolve(name, isPermitted);
  if (!isPermitted(model)) {
    throw new PermissionDeniedError(`this token may not use the model ${model.id}`);
  }
  const schema =
    request.responseModelSchema === undefined
      ? undefined
      : await readResponseSchema(request.responseModelSchema, schemas, call.signal);
  return { model, prompt: { system: join(request.systemFragments), turns: [{ role: "user", text: user }] }, schema };
}
