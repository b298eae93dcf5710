import { expect, test } from "bun:test";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileWatch } from "../../../src/server/file-watch.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
let count = 0;

function files(): [string, string] {
  const place = join(folder, String(count++));
  mkdirSync(place);
  return [join(place, "a"), join(place, "b")];
}

test("nothing has changed while nothing changes", async () => {
  const [first, second] = files();
  writeFileSync(first, "1");
  const watch = await FileWatch.begin([first, second]);
  expect([await watch.look(), await watch.look(), await watch.look()]).toEqual([false, false, false]);
});

test("a change is told once, when it has come to rest", async () => {
  const [first, second] = files();
  const watch = await FileWatch.begin([first, second]);
  writeFileSync(first, "1");
  expect(await watch.look()).toBe(false);
  writeFileSync(second, "1");
  expect(await watch.look()).toBe(false);
  expect(await watch.look()).toBe(true);
  expect(await watch.look()).toBe(false);
});

test("files that never come to rest are told of all the same", async () => {
  const [first] = files();
  const watch = await FileWatch.begin([first]);
  const told: boolean[] = [];
  for (let look = 0; look < 12; look++) {
    writeFileSync(first, "x".repeat(look));
    told.push(await watch.look());
  }
  expect(told.filter(Boolean).length).toBeGreaterThan(1);
});

test("it sees a file that is replaced by one of the same size, and one that goes", async () => {
  const [first, second] = files();
  writeFileSync(first, "1");
  const watch = await FileWatch.begin([first, second]);
  writeFileSync(second, "2");
  renameSync(second, first);
  expect([await watch.look(), await watch.look()]).toEqual([false, true]);
  rmSync(first);
  expect([await watch.look(), await watch.look()]).toEqual([false, true]);
});

test("it sees a link above the file that is swapped, as Kubernetes does", async () => {
  const [first] = files();
  const place = join(first, "..");
  for (const version of ["v1", "v2"]) {
    mkdirSync(join(place, version));
    writeFileSync(join(place, version, "tls.crt"), version);
  }
  symlinkSync("v1", join(place, "..data"));
  symlinkSync("..data/tls.crt", join(place, "tls.crt"));
  const watch = await FileWatch.begin([join(place, "tls.crt")]);
  symlinkSync("v2", join(place, "..tmp"));
  renameSync(join(place, "..tmp"), join(place, "..data"));
  expect([await watch.look(), await watch.look()]).toEqual([false, true]);
});
