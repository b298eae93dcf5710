import { ModelError, PermissionDeniedError } from "../errors.ts";
import type { ExecuteRequest } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import type { Prompt } from "../providers/provider.ts";
import type { Call } from "./call.ts";
import type { ModelDirectory, OfferedModel, Plan } from "./model-directory.ts";
import { type ResponseSchema, readResponseSchema } from "./response-schema.ts";
import type { Router } from "./routing/router.ts";
import type { SchemaThreads } from "./schema-threads.ts";

/** A request that was understood. */
export interface Job {
  /** The models to ask, best first; at least one. */
  plan: readonly OfferedModel[];
  /** What asks them; it knows the models of the plan, also when others have taken their place meanwhile. */
  router: Router;
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

/** The models, and the way to them. */
export interface ModelAccess {
  directory: ModelDirectory;
  router: Router;
}

/** What requests are understood with. */
export interface RequestOptions<C extends Call> {
  /** Knows the models, and asks them. It is asked for at each call, as another one can take its place. */
  readonly models: ModelAccess;
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
 * The part of a plan that a call may use. Whoever may use a route may use the models that it stands for; a fallback has to be
 * permitted by itself.
 *
 * @throws PermissionDeniedError when what was asked for is not permitted.
 */
function permittedOf(
  name: string,
  { route, asked, fallbacks }: Plan,
  mayUse: (names: readonly string[]) => boolean,
): readonly OfferedModel[] {
  const own = route === undefined ? [] : [route];
  const permitted = asked.filter(({ id, aliases }) => mayUse([id, ...aliases, ...own]));
  const others = fallbacks.filter(({ id, aliases }) => mayUse([id, ...aliases]));
  const isDenied = permitted.length === 0 && (asked.length > 0 || others.length === 0);
  if (!isDenied) return [...permitted, ...others];
  throw new PermissionDeniedError(`this token may not use the model ${route ?? asked[0]?.id ?? name}`);
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
  { models, schemas, mayUse }: RequestOptions<C>,
): Promise<Job> {
  if (request.requestId.length > longestRequestId) {
    throw new ModelError("INVALID_REQUEST", `request_id has ${request.requestId.length} characters`, {
      hint: `Send at most ${longestRequestId}: every message of the answer carries it.`,
    });
  }
  const { directory, router } = models;
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
  const plan = permittedOf(name, await directory.plan(name, router.random, isPermitted), (names) =>
    mayUse(call, names),
  );
  const schema =
    request.responseModelSchema === undefined
      ? undefined
      : await readResponseSchema(request.responseModelSchema, schemas, call.signal);
  return {
    plan,
    router,
    prompt: { system: join(request.systemFragments), turns: [{ role: "user", text: user }] },
    schema,
  };
}
