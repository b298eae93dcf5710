import { expect, test } from "bun:test";
import { StepTimeout, within } from "../../../src/client/deadline.ts";

const never = () => new Promise<never>(() => undefined);

test("what ends in time gives its value, and its signal aborts afterwards", async () => {
  let signal: AbortSignal | undefined;
  const value = await within(1000, undefined, async (given) => {
    signal = given;
    expect(given.aborted).toBe(false);
    return "done";
  });
  expect(value).toBe("done");
  expect(signal?.aborted).toBe(true);
});

test("what takes too long is left behind", async () => {
  await expect(within(10, undefined, never)).rejects.toThrow(new StepTimeout(10));
  expect(new StepTimeout(1500).message).toBe("no answer within 1.5 s");
});

test("an abort from outside ends it with its reason, before or while it runs", async () => {
  const reason = new Error("enough");
  await expect(within(1000, AbortSignal.abort(reason), never)).rejects.toBe(reason);
  const controller = new AbortController();
  const attempt = within(1000, controller.signal, never);
  controller.abort(reason);
  await expect(attempt).rejects.toBe(reason);
});
