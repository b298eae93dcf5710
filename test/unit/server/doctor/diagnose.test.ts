import { expect, test } from "bun:test";
import { diagnose } from "../../../../src/server/doctor/diagnose.ts";
import { doctorHomes } from "./doctor-homes.ts";

const makeHome = doctorHomes();

test("a check that breaks is told by its name alone, and ends no other", async () => {
  const { environment, paths } = makeHome();
  const clock = () => {
    throw new TypeError("canary");
  };
  const found = await Array.fromAsync(diagnose({ environment, paths, file: undefined, online: false, clock, fetch }));
  const clockless = found.find(({ check }) => check === "clock");
  expect(clockless).toMatchObject({ outcome: "failed", summary: "the check could not be made: TypeError" });
  expect(found.find(({ check }) => check === "descriptors")?.outcome).toBeOneOf(["ok", "warning", "skipped"]);
  expect(JSON.stringify(found)).not.toContain("canary");
});
