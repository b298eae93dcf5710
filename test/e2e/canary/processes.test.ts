import { expect, test } from "bun:test";
import { until } from "../calls.ts";
import { Canaries } from "./canaries.ts";
import { ProcessWatch } from "./processes.ts";

/** Runs a shell that starts another one with a secret on its command line; both end when nothing is left to read. */
function startWithSecret(secret: string) {
  return Bun.spawn(["sh", "-c", 'sh -c "read line" sh "$SECRET"; true'], { stdin: "pipe", env: { SECRET: secret } });
}

test.if(process.platform === "linux")("a secret on the command line of a process's child is seen", async () => {
  const canaries = new Canaries();
  const watch = new ProcessWatch();
  const child = startWithSecret(canaries.make("a command line", "secret"));
  watch.started(child.pid, { exempt: false });
  await until("it is seen", async () => watch.seen.some((line) => canaries.find(line, line).length > 0));
  child.stdin.end();
  await child.exited;
  watch.stop();
});

test.if(process.platform === "linux")("a process that may have one is passed over", async () => {
  const canaries = new Canaries();
  const watch = new ProcessWatch();
  const secret = canaries.make("a command line", "secret");
  const child = Bun.spawn(["sh", "-c", "read line", "sh", secret], { stdin: "pipe" });
  watch.started(child.pid, { exempt: true });
  await until("others are seen", async () => watch.seen.length > 0);
  child.stdin.end();
  await child.exited;
  expect(watch.stop().filter((line) => canaries.find(line, line).length > 0)).toEqual([]);
});
