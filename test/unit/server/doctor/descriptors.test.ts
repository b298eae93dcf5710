import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkDescriptors } from "../../../../src/server/doctor/descriptors.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { told } from "./doctor-homes.ts";

const folder = temporaryFolder();

async function withLimits(soft: string, hard: string) {
  const file = join(folder, `limits-${soft}`);
  const head = "Limit                     Soft Limit           Hard Limit           Units     \n";
  writeFileSync(file, `${head}Max open files            ${soft}               ${hard}              files     \n`);
  return told(await checkDescriptors(file));
}

test("enough descriptors are fine", async () => {
  expect(await withLimits("4096", "524288")).toEqual(["ok: 4096 files and connections may be open at once"]);
  expect(await withLimits("unlimited", "unlimited")).toEqual([
    "ok: unlimited files and connections may be open at once",
  ]);
});

test("few descriptors are a warning that says how to have more", async () => {
  const [text] = await withLimits("1024", "524288");
  expect(text).toStartWith("warning: 1024 files and connections may be open at once\nIts hard limit is 524288\nhint: ");
  expect(text).toContain("LimitNOFILE=4096");
});

test("a system that tells nothing is passed over", async () => {
  const [text] = told(await checkDescriptors(join(folder, "none")));
  expect(text).toStartWith("skipped: ");
});
