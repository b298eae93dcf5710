import { Metadata } from "@grpc/grpc-js";
import { hostileTokens } from "../../unit/auth/hostile-tokens.ts";
import type { Canaries } from "./canaries.ts";
import type { CallPlan } from "./failing-calls.ts";
import { failureNames } from "./hostile-upstream.ts";
import { hostileContext, type Secrets } from "./secrets.ts";

/** What a caller sends that nobody else may see. */
export interface Words {
  system: string;
  user: string;
  schema: string;
}

/** Makes them. */
export function makeWords(canaries: Canaries): Words {
  return {
    system: canaries.make("a system fragment", "prompt"),
    user: canaries.make("a user fragment", "prompt"),
    schema: canaries.make("a response schema", "prompt"),
  };
}

const models = [
  "anthropic/claude-sonnet-4-5",
  "openai/gpt-4o",
  "google/gemini-2.5-flash",
  "local/tiny",
  "other/tiny",
  "team/tiny",
  "walled/tiny",
];

type Request = Exclude<CallPlan["request"], Buffer>;

function bearer(token: string): CallPlan["metadata"] {
  return [["authorization", `Bearer ${token}`]];
}

function both(plan: Omit<CallPlan, "streamed">): CallPlan[] {
  return [false, true].map((streamed) => ({ ...plan, streamed, name: `${plan.name}${streamed ? ", streamed" : ""}` }));
}

/** Each way in which each provider fails. */
function failingProviders({ tokens }: Secrets, { system, user }: Words): CallPlan[] {
  return models.flatMap((modelName) =>
    failureNames.flatMap((failure) =>
      both({
        name: `${failure} by ${modelName}`,
        metadata: bearer(tokens.valid),
        request: { modelName, text: `fail:${failure} ${user}`, system },
      }),
    ),
  );
}

/** Schemas that can't be used, or that no answer satisfies. */
function schemas({ schema }: Words): string[] {
  return [
    `{ "title": "${schema}"`,
    `"${schema}"`,
    JSON.stringify({ type: schema }),
    JSON.stringify({ $ref: `#/$defs/${schema}` }),
    JSON.stringify({ type: "string", pattern: `(${schema}` }),
    JSON.stringify({ type: "object", required: [schema], title: schema }),
    JSON.stringify({ type: "object", properties: { [schema]: { type: "integer" } }, required: [schema] }),
    JSON.stringify({ enum: [schema], description: schema }),
    JSON.stringify({ const: schema }),
    JSON.stringify({ type: "object", additionalProperties: { type: "integer" } }),
    JSON.stringify({ type: "object", additionalProperties: { pattern: schema }, minProperties: 2 }),
  ];
}

function schemaCalls({ tokens }: Secrets, words: Words): CallPlan[] {
  return schemas(words).flatMap((schema, index) =>
    both({
      name: `schema ${index}`,
      metadata: bearer(tokens.valid),
      request: { modelName: "local/tiny", text: words.user, system: words.system, schema },
    }),
  );
}

/** Calls that no provider gets to see. */
function badRequests({ tokens }: Secrets, { system, user }: Words): CallPlan[] {
  const metadata = bearer(tokens.valid);
  const request: Request = { modelName: "local/tiny", text: user, system };
  const plans: ReadonlyArray<Omit<CallPlan, "streamed" | "metadata">> = [
    { name: "no model of that name", request: { ...request, modelName: "nowhere/none" } },
    { name: "no user fragment", request: { ...request, text: " " } },
    { name: "too large", request: { ...request, text: `${user} `.repeat(2000) } },
    { name: "no message", request: Buffer.from(user) },
    { name: "a message that is cut off", request: Buffer.concat([Buffer.from([0x12, 0x7f]), Buffer.from(user)]) },
    {
      name: "a message in another encoding",
      request: Buffer.concat([Buffer.from([0x12, 0x04, 0xff, 0xfe, 0xff, 0xfe]), Buffer.from(user)]),
    },
    { name: "a deadline that passes", request: { ...request, text: `fail:silence ${user}` }, deadline: 150 },
    { name: "a caller who hangs up", request: { ...request, text: `fail:silence ${user}` }, cancelled: true },
  ];
  return plans.flatMap((plan) => both({ ...plan, metadata }));
}

/** Metadata that lets nobody in. */
function badMetadata({ tokens, anthropic }: Secrets): Array<[name: string, metadata: CallPlan["metadata"]]> {
  const { valid, expired, forged, revoked } = tokens;
  const basic = Buffer.from(`user:${valid}`).toString("base64");
  return [
    ["no token", []],
    ["an expired token", bearer(expired)],
    ["a forged token", bearer(forged)],
    ["a revoked token", bearer(revoked)],
    ["a token without its scheme", [["authorization", valid]]],
    ["a token with another scheme", [["authorization", `Basic ${basic}`]]],
    ["a token with a scheme twice", [["authorization", `Bearer Bearer ${valid}`]]],
    ["two tokens", [...bearer(valid), ...bearer(forged)]],
    ["a token in other metadata", [["x-api-key", valid]]],
    ["a token in binary metadata", [["token-bin", Buffer.from(valid)]]],
    ["a provider's key", bearer(anthropic.own)],
    ["a part of a token", bearer(valid.split(".")[1] ?? "")],
  ];
}

/** Whether metadata can carry a text at all. */
function canBeSent(text: string): boolean {
  try {
    new Metadata().add("authorization", text);
    return /^[\x20-\x7e]*$/.test(text);
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function refused(canaries: Canaries, secrets: Secrets, { user, system }: Words): CallPlan[] {
  const context = hostileContext(secrets.jwt.variable);
  const hostile = hostileTokens.flatMap(({ name, token: make }): Array<[string, CallPlan["metadata"]]> => {
    const token = make(context);
    if (!canBeSent(`Bearer ${token}`)) return [];
    return [[name, bearer(canaries.hostileToken(`the token: ${name}`, token))]];
  });
  const request: Request = { modelName: "local/tiny", text: user, system };
  return [
    ...badMetadata(secrets).flatMap(([name, metadata]) => both({ name, metadata, request })),
    ...hostile.map(([name, metadata], index) => ({ name, metadata, request, streamed: index % 2 === 0 })),
  ];
}

/** Calls that fail, each in its own way. */
export function planCalls(canaries: Canaries, secrets: Secrets, words: Words): CallPlan[] {
  return [
    ...failingProviders(secrets, words),
    ...schemaCalls(secrets, words),
    ...badRequests(secrets, words),
    ...refused(canaries, secrets, words),
  ];
}

/** Calls that a model answers. */
export function goodCalls({ tokens }: Secrets, { system, user }: Words): CallPlan[] {
  const request: Request = { modelName: "local/tiny", text: user, system };
  return [{ name: "a good call", metadata: bearer(tokens.valid), request, streamed: false }];
}
