import { expect, test } from "bun:test";
import { modelErrorCodes } from "../../../../src/errors.ts";
import { RetryBudget } from "../../../../src/proxy/routing/retry-budget.ts";
import { backoffMs, remedies } from "../../../../src/proxy/routing/retry-policy.ts";
import { orderByWeight } from "../../../../src/proxy/routing/route.ts";
import { randomNumbers } from "../../../random-numbers.ts";

const settings = { maxRetries: 5, baseDelayMs: 200, maxDelayMs: 1000, budgetPercent: 20 };

test("the wait before a retry is anything up to a bound that doubles, and no more than the longest", () => {
  const bounds = [0, 1, 2, 3, 10].map((attempt) => backoffMs(attempt, settings, 1));
  expect(bounds).toEqual([200, 400, 800, 1000, 1000]);
  expect(backoffMs(3, settings, 0)).toBe(0);
  expect(backoffMs(1, settings, 0.25)).toBe(100);
});

test("a fault of the request, an authentication failure, a refusal and a long context are never retried", () => {
  const never = ["INVALID_REQUEST", "PROVIDER_AUTH", "CONTENT_REFUSED", "CONTEXT_TOO_LONG", "MODEL_NOT_FOUND"] as const;
  expect(never.map((code) => remedies[code].retry)).toEqual(never.map(() => false));
  expect(remedies.INVALID_REQUEST.fallback).toBe("never");
  expect(remedies.CONTENT_REFUSED.fallback).toBe("never");
  expect(remedies.CONTEXT_TOO_LONG.fallback).toBe("larger");
});

test("what is not worth a retry on the same target says nothing about that target's health, but for a broken answer", () => {
  const ill = modelErrorCodes.filter((code) => remedies[code].illness && !remedies[code].retry);
  expect(ill).toEqual(["PROVIDER_PROTOCOL"]);
});

test("retries are a share of the calls", () => {
  const budget = new RetryBudget(20);
  let spent = 0;
  while (budget.spend()) spent++;
  for (let call = 0; call < 1000; call++) {
    budget.earn();
    if (budget.spend()) spent++;
  }
  expect(spent).toBeGreaterThanOrEqual(200);
  expect(spent).toBeLessThanOrEqual(210);
});

test("what is not spent is not saved up for ever", () => {
  const budget = new RetryBudget(100);
  for (let call = 0; call < 1000; call++) budget.earn();
  let spent = 0;
  while (budget.spend()) spent++;
  expect(spent).toBe(10);
});

test("a budget of nothing allows no retry", () => {
  const budget = new RetryBudget(0);
  budget.earn();
  expect(budget.spend()).toBe(false);
});

test("a route without weights is asked in order", () => {
  const entries = [{ model: "a" }, { model: "b" }, { model: "c" }];
  expect(orderByWeight(entries, Math.random)).toEqual(entries);
});

test("the first of a route is drawn by weight, and entries without one come last", () => {
  const numbers = randomNumbers(7);
  const random = () => numbers.next().value;
  const entries = [
    { model: "last" },
    { model: "a", weight: 3 },
    { model: "none", weight: 0 },
    { model: "b", weight: 1 },
  ];
  const first: Record<string, number> = {};
  for (let draw = 0; draw < 4000; draw++) {
    const order = orderByWeight(entries, random).map(({ model }) => model);
    expect(order.slice(2)).toEqual(["last", "none"]);
    expect(new Set(order).size).toBe(4);
    const [drawn = ""] = order;
    first[drawn] = (first[drawn] ?? 0) + 1;
  }
  expect((first.a ?? 0) / 4000).toBeCloseTo(0.75, 1);
  expect((first.a ?? 0) + (first.b ?? 0)).toBe(4000);
});
