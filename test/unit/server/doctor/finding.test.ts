import { expect, test } from "bun:test";
import { ConfigurationError } from "../../../../src/errors.ts";
import { failureOf } from "../../../../src/server/doctor/finding.ts";
import { told } from "./doctor-homes.ts";

test("an error of ours becomes a finding with its hint, a line each", () => {
  const error = new ConfigurationError("one\ntwo", { hint: "do this" });
  expect(told([failureOf(error)])).toEqual(["failed: one\ntwo\nhint: do this"]);
});

test("of an error that is not ours only its name is told", () => {
  const system = Object.assign(new Error("EIO at canary"), { code: "EIO" });
  const [first = "", second = "", third = ""] = told([
    failureOf(system),
    failureOf(new TypeError("canary")),
    failureOf("canary"),
  ]);
  expect(first).toStartWith("failed: the check could not be made: EIO\n");
  expect(second).toStartWith("failed: the check could not be made: TypeError\n");
  expect(third).toStartWith("failed: the check could not be made: string\n");
  expect(first + second + third).not.toContain("canary");
});
