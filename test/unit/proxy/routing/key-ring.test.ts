import { beforeEach, expect, test } from "bun:test";
import type { Provider } from "../../../../src/providers/provider.ts";
import { type KeyChoice, KeyRing } from "../../../../src/proxy/routing/key-ring.ts";

const provider = {} as Provider;
const none: ReadonlySet<string> = new Set();
let now = 0;

beforeEach(() => {
  now = 1000;
});

function ring(choice: KeyChoice, weights: Readonly<Record<string, number>>): KeyRing {
  const keys = Object.entries(weights).map(([label, weight]) => ({ label, weight, provider }));
  return new KeyRing(keys, choice, () => now);
}

function labels(keys: KeyRing, count: number, model = "m"): string {
  return Array.from({ length: count }, () => {
    const key = keys.take(model, none);
    key?.release();
    return key?.label ?? "-";
  }).join("");
}

test("round robin gives each key in turn", () => {
  expect(labels(ring("round_robin", { a: 1, b: 5, c: 1 }), 7)).toBe("abcabca");
});

test("weighted keys get their shares, spread evenly", () => {
  const drawn = labels(ring("weighted", { a: 3, b: 1 }), 8);
  expect(drawn).toBe("aabaaaba");
});

test("the least busy key is the one that the fewest calls use", () => {
  const keys = ring("least_busy", { a: 1, b: 1, c: 1 });
  const held = ["a", "b", "c"].map(() => keys.take("m", none));
  expect(new Set(held.map((key) => key?.label))).toEqual(new Set(["a", "b", "c"]));
  const freed = held[1];
  freed?.release();
  freed?.release();
  expect(keys.take("m", none)?.label).toBe(freed?.label ?? "");
  held[0]?.release();
  expect(keys.take("m", none)?.label).toBe(held[0]?.label ?? "");
});

test("a key that is set aside is passed over until its time has come", () => {
  const keys = ring("round_robin", { a: 1, b: 1 });
  keys.take("m", none)?.setAside(500);
  expect(labels(keys, 3)).toBe("bbb");
  expect(keys.restMs("m")).toBe(0);
  keys.take("m", none)?.setAside(200);
  expect(labels(keys, 1)).toBe("-");
  expect(keys.restMs("m")).toBe(200);
  now += 200;
  expect(labels(keys, 2)).toBe("bb");
  now += 300;
  expect(labels(keys, 2).split("").sort().join("")).toBe("ab");
});

test("a key that is set aside for one model serves the others", () => {
  const keys = ring("round_robin", { a: 1 });
  keys.take("large", none)?.setAside(500, "large");
  expect(labels(keys, 1, "large")).toBe("-");
  expect(labels(keys, 1, "small")).toBe("a");
  now += 500;
  expect(labels(keys, 1, "large")).toBe("a");
});

test("a shorter rest does not end a longer one", () => {
  const keys = ring("round_robin", { a: 1 });
  const key = keys.take("m", none);
  key?.setAside(500);
  key?.setAside(100);
  expect(keys.restMs("m")).toBe(500);
});

test("keys that have been tried for a call are not given to it again", () => {
  const keys = ring("round_robin", { a: 1, b: 1 });
  expect(keys.take("m", new Set(["a"]))?.label).toBe("b");
  expect(keys.take("m", new Set(["a", "b"]))).toBeUndefined();
});

test("looking whether there is another key takes no turn and no share", () => {
  const turns = ring("round_robin", { a: 1, b: 1, c: 1 });
  const shares = ring("weighted", { a: 3, b: 1 });
  let drawn = "";
  for (let call = 0; call < 4; call++) {
    expect(turns.has("m", new Set(["a"]))).toBe(true);
    expect(shares.has("m", none)).toBe(true);
    drawn += `${labels(turns, 1)}${labels(shares, 1)} `;
  }
  expect(drawn).toBe("aa ba cb aa ");
  expect(turns.has("m", new Set(["a", "b", "c"]))).toBe(false);
});

test("a key without weight is used only while those with one rest", () => {
  const keys = ring("weighted", { a: 1, spare: 0 });
  expect(labels(keys, 3)).toBe("aaa");
  keys.take("m", none)?.setAside(500);
  expect(labels(keys, 2)).toBe("sparespare");
  now += 500;
  expect(labels(keys, 2)).toBe("aa");
});
