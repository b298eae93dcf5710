import { create, toBinary } from "@bufbuild/protobuf";
import type { Client } from "@grpc/grpc-js";
import { ExecuteRequestSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { openClient } from "./asking.ts";
import { startRelay } from "./relay.ts";
import type { Way } from "./verdicts.ts";

/** What a call is at when its caller leaves it. */
export const phases = ["in the queue", "in a back-off", "waiting for headers", "in the answer"] as const;

/** One of {@link phases}. */
export type Phase = (typeof phases)[number];

/** How a caller leaves a call. */
export const leavings = ["cancel", "deadline", "connection cut"] as const;

/** One of {@link leavings}. */
export type Leaving = (typeof leavings)[number];

/** A call that will be left. */
export interface Plan {
  /** Found again in what reaches the upstream. */
  name: string;
  phase: Phase;
  way: Way;
  leaving: Leaving;
  /** Milliseconds after which it is left. */
  afterMs: number;
  model: string;
}

/** Where a server is called. */
export interface Door {
  port: number;
  /** A connection that stays open. */
  client: Client;
}

/** A call that was left. */
export interface LeftCall {
  plan: Plan;
  /** When it was, in milliseconds of `performance.now()`. */
  leftAt: number;
  /** The gRPC status that its caller saw. */
  status: number;
}

const same = (bytes: Buffer) => bytes;

function requestOf({ name, model }: Plan): Buffer {
  const message = create(ExecuteRequestSchema, { modelName: model, userFragments: [`This is ${name}.`] });
  return Buffer.from(toBinary(ExecuteRequestSchema, message));
}

/**
 * Makes a call and leaves it as planned.
 *
 * @param door - Where.
 */
export async function leaveCall(plan: Plan, door: Door): Promise<LeftCall> {
  const { way, leaving, afterMs } = plan;
  const relay = leaving === "connection cut" ? await startRelay(door.port) : undefined;
  const client = relay ? await openClient(relay.port) : door.client;
  const deadline = Date.now() + (leaving === "deadline" ? afterMs : 60_000);
  let leftAt = performance.now() + afterMs;
  const call = client.makeServerStreamRequest(
    `/vibectl.llm_proxy.VibectlLLMProxy/${way === "unary" ? "Execute" : "StreamExecute"}`,
    same,
    same,
    requestOf(plan),
    { deadline },
  );
  call.on("data", () => undefined);
  call.on("error", () => undefined);
  const ended = new Promise<number>((resolve) => call.on("status", ({ code }) => resolve(code)));
  if (leaving !== "deadline") {
    setTimeout(() => {
      leftAt = performance.now();
      if (relay) relay.cut();
      else call.cancel();
    }, afterMs);
  }
  const status = await ended;
  if (relay) client.close();
  return { plan, leftAt, status };
}
