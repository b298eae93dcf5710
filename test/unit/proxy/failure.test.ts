import { expect, test } from "bun:test";
import { CallAbortedError, ModelError } from "../../../src/errors.ts";
import { describeFailure } from "../../../src/proxy/failure.ts";

function record() {
  const records: Array<[level: string, fields: object, message: string]> = [];
  return {
    records,
    log: {
      warn: (fields: object, message: string) => void records.push(["warn", fields, message]),
      error: (fields: object, message: string) => void records.push(["error", fields, message]),
    },
  };
}

const call = (signal = new AbortController().signal) => ({ signal, deadline: undefined, startedAt: 0 });

test("a model's error reaches the caller with its way out, and the log with its cause", () => {
  const { records, log } = record();
  const cause = new Error("upstream");
  const thrown = new ModelError("PROVIDER_TIMEOUT", "too slow", { hint: "try again", cause });
  expect(describeFailure(thrown, call(), "r-1", log)).toMatchObject({
    errorCode: "PROVIDER_TIMEOUT",
    errorMessage: "too slow",
    errorDetails: "try again",
  });
  expect(records).toEqual([["warn", { requestId: "r-1", code: "PROVIDER_TIMEOUT", err: cause }, "too slow"]]);
});

test("whatever was thrown after an abort, the abort is what counts, and nothing is logged", () => {
  const { records, log } = record();
  const reason = new CallAbortedError("deadline");
  const aborted = call(AbortSignal.abort(reason));
  expect(() => describeFailure(new TypeError("socket closed"), aborted, "r-1", log)).toThrow(reason);
  expect(records).toEqual([]);
});
