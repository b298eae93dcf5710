import { beforeEach, describe, expect, test } from "bun:test";
import { CallAbortedError, ModelError, type ModelErrorCode } from "../../../../src/errors.ts";
import type { Provider } from "../../../../src/providers/provider.ts";
import { providerError, type RetryAdvice, UpstreamFailure } from "../../../../src/providers/provider-error.ts";
import type { OfferedModel } from "../../../../src/proxy/model-directory.ts";
import { KeyRing } from "../../../../src/proxy/routing/key-ring.ts";
import { type Leg, type RetryEvent, Router } from "../../../../src/proxy/routing/router.ts";
import { Targets } from "../../../../src/proxy/routing/targets.ts";

const retries = { maxRetries: 2, baseDelayMs: 0, maxDelayMs: 500, budgetPercent: 100 };

/** What an attempt does: it fails with a code, or answers with the text. */
type Script = ModelErrorCode | ModelError | "answer";

let asked: string[] = [];
let events: RetryEvent[] = [];
let router: Router;
let scripts: Record<string, Script[]> = {};
let now = 0;
let breakers: string[] = [];

function model(provider: string, contextLength?: number): OfferedModel {
  const source = { name: provider, models: async () => [] };
  const id = `${provider}/m`;
  return { id, name: "m", displayName: id, streaming: true, provider: source, aliases: [], contextLength };
}

function ring(keys: Readonly<Record<string, number>>): KeyRing {
  const provider = {} as Provider;
  const entries = Object.entries(keys).map(([label, weight]) => ({
    label,
    weight,
    provider: { ...provider, name: label },
  }));
  return new KeyRing(entries, "round_robin", () => now);
}

function createRouter(settings: Partial<typeof retries> = {}, limitMs?: number): Router {
  const providers = new Map(
    ["one", "two", "three"].map((name) => [name, { keys: ring({ [`${name}-a`]: 1 }), limitMs }] as const),
  );
  providers.set("many", { keys: ring({ "many-a": 1, "many-b": 1 }), limitMs });
  const targets = new Targets({
    providers,
    breaker: { failures: 5, openMs: 1000 },
    budgetPercent: 100,
    now: () => now,
    onBreaker: (id, state) => breakers.push(`${id} ${state}`),
  });
  return new Router({
    targets,
    retries: { ...retries, ...settings },
    random: () => 0.5,
    onRetry: (event) => events.push(event),
  });
}

beforeEach(() => {
  asked = [];
  events = [];
  breakers = [];
  scripts = {};
  now = 1000;
  router = createRouter();
});

function failing(code: ModelErrorCode, advice: RetryAdvice = {}): ModelError {
  return providerError(code, "one", "", new UpstreamFailure("test", "", 500, undefined, "", advice));
}

async function attempt({ model: { provider, id }, provider: keyed }: Leg): Promise<string> {
  asked.push(keyed.name);
  const step = scripts[provider.name]?.shift() ?? "answer";
  if (step instanceof ModelError) throw step;
  if (step !== "answer") throw new ModelError(step, `${id} failed`);
  return `${id} answered`;
}

interface Asking {
  signal?: AbortSignal;
  deadline?: Date;
  way?: "whole" | "streamed";
  run?: (leg: Leg) => Promise<string>;
}

async function run(providers: readonly string[], { signal, deadline, way = "whole", run: does }: Asking = {}) {
  const call = { signal: signal ?? new AbortController().signal, deadline, startedAt: performance.now() };
  const plan = providers.map((name) => model(name));
  const routed = await router.run(plan, {
    call,
    requestId: "r-1",
    way,
    attempt: does ?? attempt,
    onSpent: () => undefined,
  });
  routed.settle();
  return routed;
}

async function failure(running: Promise<unknown>): Promise<ModelError> {
  const thrown = await running.then(
    () => new Error("it succeeded"),
    (error: unknown) => error,
  );
  if (thrown instanceof ModelError) return thrown;
  throw thrown;
}

test("a first answer takes no retry and names its model", async () => {
  expect(await run(["one", "two"])).toMatchObject({ value: "one/m answered", model: { id: "one/m" }, retries: 0 });
  expect(asked).toEqual(["one-a"]);
});

describe("a failure that may pass", () => {
  const transient = [
    "PROVIDER_OVERLOADED",
    "PROVIDER_UNAVAILABLE",
    "PROVIDER_RATE_LIMITED",
    "STREAM_TRUNCATED",
  ] as const;
  test.each(transient)("(%s) is tried again on the same target, and the answer counts the retries", async (code) => {
    scripts = { one: [code, code] };
    expect(await run(["one", "two"])).toMatchObject({ value: "one/m answered", retries: 2 });
    expect(asked).toEqual(["one-a", "one-a", "one-a"]);
  });

  test("moves on to the next target when the retries are used up", async () => {
    scripts = { one: Array(3).fill("PROVIDER_OVERLOADED"), two: ["PROVIDER_UNAVAILABLE"] };
    expect(await run(["one", "two"])).toMatchObject({ value: "two/m answered", retries: 4 });
    expect(asked).toEqual(["one-a", "one-a", "one-a", "two-a", "two-a"]);
    expect(events.map(({ next }) => Object.keys(next)[0])).toEqual(["waitMs", "waitMs", "fallback", "waitMs"]);
  });

  test("that outlasts everything is the error of the target that was asked for, with the others named", async () => {
    scripts = { one: Array(3).fill("PROVIDER_OVERLOADED"), two: Array(3).fill("PROVIDER_UNAVAILABLE") };
    const error = await failure(run(["one", "two"]));
    expect(error).toMatchObject({ code: "PROVIDER_OVERLOADED", message: "one/m failed" });
    expect(error.hint).toContain("Also tried: two/m (PROVIDER_UNAVAILABLE)");
  });
});

describe("what must not be repeated is not:", () => {
  test.each(["INVALID_REQUEST", "CONTENT_REFUSED", "OUTPUT_TRUNCATED"] as const)(
    "%s goes nowhere else",
    async (code) => {
      scripts = { one: [code] };
      expect((await failure(run(["one", "two"]))).code).toBe(code);
      expect(asked).toEqual(["one-a"]);
    },
  );

  test.each(["PROVIDER_AUTH", "MODEL_NOT_FOUND", "PROVIDER_PROTOCOL", "INVALID_STRUCTURED_OUTPUT"] as const)(
    "%s goes to the next target at once",
    async (code) => {
      scripts = { one: [code] };
      expect(await run(["one", "two"])).toMatchObject({ model: { id: "two/m" }, retries: 1 });
      expect(asked).toEqual(["one-a", "two-a"]);
    },
  );

  test("a fault of the request that a fallback finds is told rather than the first target's trouble", async () => {
    scripts = { one: ["PROVIDER_AUTH"], two: ["INVALID_REQUEST"] };
    expect(await failure(run(["one", "two", "three"]))).toMatchObject({ code: "INVALID_REQUEST" });
    expect(asked).toEqual(["one-a", "two-a"]);
  });

  test("a request that is too long goes to a target with a larger context only", async () => {
    scripts = { one: ["CONTEXT_TOO_LONG"] };
    const plan = [model("one", 1000), model("two", 1000), model("three", 2000)];
    const call = { signal: new AbortController().signal, deadline: undefined, startedAt: 0 };
    const routed = await router.run(plan, { call, requestId: "r-1", way: "whole", attempt, onSpent: () => undefined });
    routed.settle();
    expect(routed.model.id).toBe("three/m");
    expect(asked).toEqual(["one-a", "three-a"]);
  });
});

describe("what the provider says of when to try again", () => {
  test("is waited for when it is soon", async () => {
    scripts = { one: [failing("PROVIDER_OVERLOADED", { afterMs: 30 })] };
    expect(await run(["one"])).toMatchObject({ retries: 1 });
    expect(events[0]?.next).toEqual({ waitMs: 35 });
  });

  test("sends the call to the next target at once when it is late", async () => {
    scripts = { one: [failing("PROVIDER_RATE_LIMITED", { afterMs: 5000 })] };
    expect(await run(["one", "two"])).toMatchObject({ model: { id: "two/m" } });
    expect(asked).toEqual(["one-a", "two-a"]);
    asked = [];
    expect(await run(["one", "two"])).toMatchObject({ model: { id: "two/m" }, retries: 0 });
    expect(asked).toEqual(["two-a"]);
    now += 5000;
    expect(await run(["one", "two"])).toMatchObject({ model: { id: "one/m" } });
  });

  test("ends a call that has nowhere else to go, with the time in the hint", async () => {
    scripts = { one: [failing("PROVIDER_RATE_LIMITED", { afterMs: 5000 })] };
    expect((await failure(run(["one"]))).code).toBe("PROVIDER_RATE_LIMITED");
    const error = await failure(run(["one"]));
    expect(error).toMatchObject({ code: "PROVIDER_RATE_LIMITED", hint: expect.stringContaining("5 s") });
    expect(asked).toEqual(["one-a"]);
    expect(router.targets.healthOf(model("one"))).toBe("unavailable");
  });
});

describe("of several keys", () => {
  test("one that is out of quota makes way for the other at once", async () => {
    scripts = { many: [failing("PROVIDER_RATE_LIMITED", { exhausted: true })] };
    expect(await run(["many", "two"])).toMatchObject({ model: { id: "many/m" }, retries: 1 });
    expect(new Set(asked)).toEqual(new Set(["many-a", "many-b"]));
    const [spent] = asked;
    asked = [];
    for (let call = 0; call < 4; call++) await run(["many"]);
    expect(asked).not.toContain(spent);
    expect(router.targets.healthOf(model("many"))).toBe("available");
  });

  test("one that is refused makes way for the other, and two that are refused for the next target", async () => {
    scripts = { many: ["PROVIDER_AUTH", "PROVIDER_AUTH"] };
    expect(await run(["many", "two"])).toMatchObject({ model: { id: "two/m" }, retries: 2 });
    expect(asked.toSorted()).toEqual(["many-a", "many-b", "two-a"]);
  });
});

test("a target that fails in a row is left alone, and asked by one call after its time", async () => {
  router = createRouter({ maxRetries: 0 });
  scripts = { one: Array(6).fill("PROVIDER_UNAVAILABLE") };
  for (let call = 0; call < 5; call++) await run(["one", "two"]);
  asked = [];
  expect(await run(["one", "two"])).toMatchObject({ model: { id: "two/m" }, retries: 0 });
  expect(asked).toEqual(["two-a"]);
  const error = await failure(run(["one"]));
  expect(error).toMatchObject({ code: "PROVIDER_UNAVAILABLE", hint: expect.stringContaining("1 s") });
  expect(router.targets.healthOf(model("one"))).toBe("unavailable");
  now += 1000;
  expect(router.targets.healthOf(model("one"))).toBe("recovering");
  await run(["one", "two"]);
  now += 2000;
  expect(await run(["one", "two"])).toMatchObject({ model: { id: "one/m" } });
  expect(breakers).toEqual(["one/m open", "one/m half_open", "one/m open", "one/m half_open", "one/m closed"]);
});

test("a caller's faults don't make a target ill", async () => {
  scripts = { one: Array(20).fill("INVALID_REQUEST") };
  for (let call = 0; call < 20; call++) await failure(run(["one"]));
  expect(router.targets.healthOf(model("one"))).toBe("available");
});

test("retries are bounded by a budget: an outage is not made worse", async () => {
  const targets = new Targets({
    providers: new Map([["one", { keys: ring({ a: 1 }), limitMs: undefined }]]),
    breaker: { failures: 1_000_000, openMs: 1 },
    budgetPercent: 20,
    now: () => now,
    onBreaker: () => undefined,
  });
  router = new Router({
    targets,
    retries: { ...retries, budgetPercent: 20 },
    random: () => 0,
    onRetry: () => undefined,
  });
  scripts = { one: Array(2000).fill("PROVIDER_OVERLOADED") };
  for (let call = 0; call < 500; call++) await failure(run(["one"]));
  expect(asked.length).toBeWithin(600, 620);
});

describe("within the caller's deadline", () => {
  const soon = (ms: number) => new Date(Date.now() + ms);

  test("a retry that can't be done in time is not begun", async () => {
    scripts = { one: [failing("PROVIDER_OVERLOADED", { afterMs: 400 })] };
    const error = await failure(run(["one"], { deadline: soon(300) }));
    expect(error.code).toBe("PROVIDER_OVERLOADED");
    expect(asked).toEqual(["one-a"]);
  });

  test("a retry is not begun where answers take longer than what is left", async () => {
    const slow = async () => await Bun.sleep(120).then(() => "slow");
    await run(["one"], { run: slow });
    scripts = { one: ["PROVIDER_OVERLOADED"] };
    expect((await failure(run(["one"], { deadline: soon(60) }))).code).toBe("PROVIDER_OVERLOADED");
  });

  test("an unstreamed answer leaves a third of the time to the fallback", async () => {
    const hang = ({ signal, model: { id } }: Leg) =>
      id === "one/m"
        ? new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        : Promise.resolve("in time");
    const routed = await run(["one", "two"], { deadline: soon(150), run: hang });
    expect(routed).toMatchObject({ value: "in time", model: { id: "two/m" }, retries: 1 });
    expect(events[0]?.error.code).toBe("PROVIDER_TIMEOUT");
  });

  test("an attempt that takes longer than its provider may is a timeout, which the next target answers", async () => {
    router = createRouter({}, 30);
    const hang = ({ signal, model: { id } }: Leg) =>
      id === "one/m"
        ? new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        : Promise.resolve("in time");
    expect(await run(["one", "two"], { run: hang, way: "streamed" })).toMatchObject({ value: "in time", retries: 1 });
    const error = await failure(run(["one"], { run: hang }));
    expect(error).toMatchObject({
      code: "PROVIDER_TIMEOUT",
      hint: expect.stringContaining("providers.one.timeouts.call_seconds"),
    });
  });
});

describe("an aborted call ends at once with its reason,", () => {
  const reason = new CallAbortedError("client");

  test("in an attempt, and says nothing about the target", async () => {
    const caller = new AbortController();
    const hang = ({ signal }: Leg) => {
      queueMicrotask(() => caller.abort(reason));
      return new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    };
    for (let call = 0; call < 10; call++) {
      await expect(run(["one", "two"], { signal: caller.signal, run: hang })).rejects.toBe(reason);
    }
    expect(router.targets.healthOf(model("one"))).toBe("available");
  });

  test("in a back-off", async () => {
    const caller = new AbortController();
    scripts = { one: [failing("PROVIDER_OVERLOADED", { afterMs: 400 })] };
    const running = run(["one", "two"], { signal: caller.signal });
    const outcome = running.catch((error: unknown) => error);
    while (events.length === 0) await new Promise((resolve) => setImmediate(resolve));
    caller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(asked).toEqual(["one-a"]);
  });
});

test("a bug in an attempt is no failure of a model, and holds nothing", async () => {
  const bug = new TypeError("oops");
  await expect(run(["one", "two"], { run: () => Promise.reject(bug) })).rejects.toBe(bug);
  expect(await run(["one"])).toMatchObject({ retries: 0 });
});

test("a stream that breaks off after its first part counts against its target", async () => {
  const call = { signal: new AbortController().signal, deadline: undefined, startedAt: 0 };
  for (let each = 0; each < 5; each++) {
    const routed = await router.run([model("one")], {
      call,
      requestId: "r-1",
      way: "streamed",
      attempt,
      onSpent: () => undefined,
    });
    routed.settle(new ModelError("STREAM_TRUNCATED", "cut"));
  }
  expect(router.targets.healthOf(model("one"))).toBe("unavailable");
});

test("where every target is left alone, the best one is asked all the same, and the call is answered", async () => {
  router = createRouter({ maxRetries: 0 });
  scripts = { one: Array(5).fill("PROVIDER_UNAVAILABLE"), two: Array(5).fill("PROVIDER_UNAVAILABLE") };
  for (let call = 0; call < 5; call++) await failure(run(["one", "two"]));
  expect((await failure(run(["one", "two"]))).code).toBe("PROVIDER_UNAVAILABLE");
  now += 50;
  expect(await run(["one", "two"])).toMatchObject({ model: { id: "one/m" }, retries: 0 });
});

test("waiting for a key that is back in a moment takes no retry", async () => {
  router = createRouter({ maxRetries: 0 });
  scripts = { one: [failing("PROVIDER_RATE_LIMITED", { afterMs: 40 })] };
  await failure(run(["one"]));
  const waiting = run(["one"]);
  await new Promise((resolve) => setImmediate(resolve));
  now += 40;
  expect(await waiting).toMatchObject({ value: "one/m answered", retries: 0 });
});

describe("what is one caller's trouble is not everybody's:", () => {
  const other = (provider: string): OfferedModel => ({ ...model(provider), id: `${provider}/other`, name: "other" });
  const runOn = async (plan: OfferedModel[]) => {
    const call = { signal: new AbortController().signal, deadline: undefined, startedAt: 0 };
    const routed = await router.run(plan, { call, requestId: "r-2", way: "whole", attempt, onSpent: () => undefined });
    routed.settle();
    return routed;
  };

  test("a model that the account may not use takes its keys from no other model", async () => {
    scripts = { many: [failing("PROVIDER_AUTH", { ofModel: true }), failing("PROVIDER_AUTH", { ofModel: true })] };
    expect((await failure(run(["many"]))).code).toBe("PROVIDER_AUTH");
    asked = [];
    for (let call = 0; call < 4; call++) await runOn([other("many")]);
    expect(new Set(asked)).toEqual(new Set(["many-a", "many-b"]));
  });

  test("the last key that is refused goes on being tried, so that callers are told what is wrong", async () => {
    scripts = { many: Array(6).fill(failing("PROVIDER_AUTH")) };
    expect((await failure(run(["many"]))).code).toBe("PROVIDER_AUTH");
    expect((await failure(run(["many"]))).code).toBe("PROVIDER_AUTH");
    expect(asked).toHaveLength(3);
  });

  test("a quota of one model sets the key aside for that model", async () => {
    scripts = { one: [failing("PROVIDER_RATE_LIMITED", { exhausted: true, ofModel: true })] };
    await failure(run(["one"]));
    expect((await failure(run(["one"]))).code).toBe("PROVIDER_RATE_LIMITED");
    expect((await runOn([other("one")])).model.id).toBe("one/other");
    expect(asked).toHaveLength(2);
  });

  test("callers with little time don't make a slow target ill", async () => {
    const hang = ({ signal, model: { id } }: Leg) =>
      id === "one/m"
        ? new Promise<string>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
        : Promise.resolve("in time");
    for (let call = 0; call < 6; call++) {
      const running = run(["one", "two"], { deadline: new Date(Date.now() + 60), run: hang });
      // Whether the fallback still has time is not what is asked here.
      await running.catch((error: unknown) => expect(error).toMatchObject({ code: "PROVIDER_TIMEOUT" }));
    }
    expect(router.targets.healthOf(model("one"))).toBe("available");
  });

  test("an answer that has begun and takes too long to be read doesn't either", async () => {
    router = createRouter({}, 10);
    const call = { signal: new AbortController().signal, deadline: undefined, startedAt: 0 };
    for (let each = 0; each < 6; each++) {
      const begin = async ({ signal }: Leg) => signal;
      const routed = await router.run([model("one")], {
        call,
        requestId: "r-3",
        way: "streamed",
        attempt: begin,
        onSpent: () => undefined,
      });
      const signal = routed.value;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      routed.settle(signal.reason);
    }
    expect(router.targets.healthOf(model("one"))).toBe("available");
  });
});

describe("a fallback that can't be asked now", () => {
  beforeEach(async () => {
    router = createRouter({ maxRetries: 0 });
    scripts = { two: Array(5).fill("PROVIDER_UNAVAILABLE") };
    for (let call = 0; call < 5; call++) await failure(run(["two"]));
    expect(router.targets.healthOf(model("two"))).toBe("unavailable");
  });

  test("takes no time from the first target", async () => {
    const caller = new AbortController();
    const signals: AbortSignal[] = [];
    const look = async ({ signal }: Leg) => {
      signals.push(signal);
      return "answered";
    };
    await run(["one", "two"], { deadline: new Date(Date.now() + 60_000), run: look, signal: caller.signal });
    expect(signals).toEqual([caller.signal]);
  });
});

test("after the failure that makes a target be left alone, nobody waits for it any more", async () => {
  scripts = { one: ["PROVIDER_UNAVAILABLE", "PROVIDER_UNAVAILABLE"] };
  router = createRouter({ maxRetries: 0 });
  for (let call = 0; call < 2; call++) await run(["one", "two"]);
  scripts = { one: Array(3).fill(failing("PROVIDER_OVERLOADED", { afterMs: 1 })) };
  for (let call = 0; call < 2; call++) await run(["one", "two"]);
  events = [];
  expect(await run(["one", "two"])).toMatchObject({ model: { id: "two/m" }, retries: 1 });
  expect(events.map(({ next }) => Object.keys(next)[0])).toEqual(["fallback"]);
});
