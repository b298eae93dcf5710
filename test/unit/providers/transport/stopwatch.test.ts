import { expect, test } from "bun:test";
import { Stopwatch } from "../../../../src/providers/transport/stopwatch.ts";

interface Late {
  allowedMs: number;
  afterMs: number;
}

/** A stopwatch, and what it tells when it is too late. */
function make(): { watch: Stopwatch; late: Promise<Late>; isLate(): boolean } {
  const begun = performance.now();
  const { promise, resolve } = Promise.withResolvers<Late>();
  let isLate = false;
  const watch = new Stopwatch((allowedMs) => {
    isLate = true;
    resolve({ allowedMs, afterMs: performance.now() - begun });
  });
  return { watch, late: promise, isLate: () => isLate };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("tells when what is expected has not happened in time", async () => {
  const { watch, late } = make();
  watch.expect(40);
  const { allowedMs, afterMs } = await late;
  expect(allowedMs).toBe(40);
  expect(afterMs).toBeGreaterThan(38);
});

test("counts from the last thing that happened, and takes a shorter time as well as a longer one", async () => {
  const { watch, late, isLate } = make();
  watch.expect(40);
  await wait(30);
  watch.expect(40);
  await wait(30);
  expect(isLate()).toBe(false);
  watch.expect(5000);
  watch.expect(10);
  const { allowedMs, afterMs } = await late;
  expect(allowedMs).toBe(10);
  expect(afterMs).toBeLessThan(1000);
});

test("tells nothing while nothing is expected, nor when it was stopped", async () => {
  for (const end of ["rest", "stop", "no limit"] as const) {
    const { watch, isLate } = make();
    watch.expect(10);
    if (end === "no limit") watch.expect(undefined);
    else watch[end]();
    await wait(30);
    expect(isLate()).toBe(false);
  }
});

test("goes on after a rest", async () => {
  const { watch, late } = make();
  watch.expect(20);
  watch.rest();
  await wait(30);
  watch.expect(20);
  expect((await late).afterMs).toBeGreaterThan(45);
});
