import { beforeEach, expect, test } from "bun:test";
import { CallAbortedError, LimitError } from "../../../src/errors.ts";
import { WorkerPlaces } from "../../../src/proxy/worker-places.ts";

const patience = new AbortController().signal;
let now = 0;
let limits = { running: 2, waiting: 3 };
let places: WorkerPlaces;
let order: string[] = [];

beforeEach(() => {
  now = 0;
  limits = { running: 2, waiting: 3 };
  places = new WorkerPlaces(limits, () => now);
  order = [];
});

async function take(name: string, signal = patience): Promise<() => void> {
  const leave = await places.take(signal);
  order.push(name);
  return leave;
}

/** Lets everything that can go on go on. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test("as many calls run as there are places, and the others follow in the order in which they came", async () => {
  const leave = [await take("a"), await take("b")];
  const waiting = ["c", "d", "e"].map((name) => take(name));
  await settle();
  expect([places.running, places.waiting]).toEqual([2, 3]);
  expect(order).toEqual(["a", "b"]);
  leave[1]?.();
  leave[1]?.();
  await settle();
  expect(order).toEqual(["a", "b", "c"]);
  leave[0]?.();
  (await waiting[0])?.();
  await settle();
  expect(order).toEqual(["a", "b", "c", "d", "e"]);
  expect([places.running, places.waiting]).toEqual([2, 0]);
});

test("a call that ends while it waits leaves the queue with its signal's reason, and holds nobody up", async () => {
  const leave = [await take("a"), await take("b")];
  const caller = new AbortController();
  const gone = take("c", caller.signal).catch((error: unknown) => error);
  const next = take("d");
  const reason = new CallAbortedError("deadline");
  caller.abort(reason);
  expect(await gone).toBe(reason);
  expect(places.waiting).toBe(1);
  leave[0]?.();
  (await next)();
  leave[1]?.();
  expect([places.running, places.waiting]).toEqual([0, 0]);
});

test("a call that has ended already takes no place", async () => {
  const reason = new CallAbortedError("client");
  await expect(places.take(AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(places.running).toBe(0);
});

test("a call beyond the queue is refused, and told when to come again", async () => {
  const leave = [await take("a"), await take("b")];
  const waiting = ["c", "d", "e"].map((name) => take(name));
  const refusal = await places.take(patience).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LimitError);
  expect(refusal).toMatchObject({ limitType: "concurrency", message: expect.stringContaining("server.max_workers") });
  expect((refusal as LimitError).retryAfterMs).toBeWithin(100, 60_000);
  for (const each of leave) each();
  for (const each of waiting) (await each)();
});

test("limits that are raised let those in who wait, and lowered ones hold up the next", async () => {
  const leave = [await take("a"), await take("b")];
  const waiting = [take("c"), take("d")];
  limits.running = 3;
  waiting.push(take("e"));
  await settle();
  expect(order).toEqual(["a", "b", "c"]);
  limits.running = 1;
  for (const each of leave) each();
  await settle();
  expect(order).toEqual(["a", "b", "c"]);
  (await waiting[0])?.();
  await settle();
  expect(order).toEqual(["a", "b", "c", "d"]);
  (await waiting[1])?.();
  (await waiting[2])?.();
  expect(places.running).toBe(0);
});
