import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { temporaryFolder } from "../../temporary-folder.ts";
import { until } from "../calls.ts";
import { type Finished, run, type Serving, serve } from "../executable.ts";
import { goodCalls, makeWords, planCalls } from "./call-plans.ts";
import { Canaries, type Leak } from "./canaries.ts";
import { type CallResult, makeCalls } from "./failing-calls.ts";
import { type Ground, makeGround, type Places, settle } from "./ground.ts";
import { type HostileUpstream, startHostileUpstream } from "./hostile-upstream.ts";
import { exposedFiles } from "./left-files.ts";
import { ProcessWatch } from "./processes.ts";
import { makeSecrets } from "./secrets.ts";
import { inVariables } from "./worlds.ts";
import { wrongFiles } from "./wrong-files.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();
const canaries = new Canaries();
const secrets = makeSecrets(canaries);
const words = makeWords(canaries);
const word = canaries.make("a model's answer", "prompt");
/** For some schemas it is no JSON, for others it has what they don't ask for. */
const answers = [word, JSON.stringify({ [word]: word })];
const processes = new ProcessWatch();

/** A server, what was asked of it, and what it left. */
interface Scene {
  name: string;
  places: Places;
  environment: Record<string, string>;
  serving: Serving;
  credentials: ChannelCredentials;
}

let upstream: HostileUpstream;
let ground: Ground;
const scenes: Scene[] = [];
const results: CallResult[] = [];
const ends: Finished[] = [];

async function start(
  name: string,
  args: readonly string[],
  make: (places: Places) => ChannelCredentials,
): Promise<Scene> {
  const home = join(folder, name.replaceAll(" ", "-"));
  mkdirSync(home);
  const { places, environment } = settle(inVariables, ground, home);
  const serving = await serve(["--log-level", "debug", ...args], { home, environment });
  processes.started(serving.pid, { exempt: false });
  const scene = { name, places, environment, serving, credentials: make(places) };
  scenes.push(scene);
  return scene;
}

/** Puts one wrong file after another in the place of a running server's, and then the right one again. */
async function reload({ serving, places }: Scene): Promise<void> {
  const right = readFileSync(places.configuration, "utf8");
  const refusals = () => serving.stderr().split("can't be applied").length - 1;
  for (const { name, text } of wrongFiles) {
    const before = refusals();
    writeFileSync(places.configuration, text(secrets));
    serving.kill("SIGHUP");
    await until(`${name} is refused`, async () => refusals() > before);
  }
  writeFileSync(places.configuration, right);
  serving.kill("SIGHUP");
  await serving.logged(/the configuration is the same/);
}

beforeAll(async () => {
  upstream = await startHostileUpstream(answers);
  const template = join(folder, "template");
  mkdirSync(template);
  ground = await makeGround(canaries, template, secrets, upstream.url);
  const plain = () => credentials.createInsecure();
  const overTls = ({ at }: Places) =>
    credentials.createSsl(readFileSync(at(".config/vibectl/server/certs/ca-bundle.crt")));
  await Promise.all([
    start("plain text", ["--no-tls"], plain),
    start("TLS", ["--log-format", "json"], overTls),
    start("prompts in the log", ["--no-tls", "--log-prompts", "--log-format", "json"], plain),
  ]);
  const plans = planCalls(canaries, secrets, words);
  await Promise.all(
    scenes.map(async ({ name, serving, credentials, places, environment }) => {
      await run(["token", "revoke", "mallory"], { home: places.home, environment });
      const few = plans.filter((_plan, index) => index % 8 === 0);
      const chosen = name === "prompts in the log" ? few : plans;
      results.push(...(await makeCalls(serving.port, credentials, [...goodCalls(secrets, words), ...chosen])));
    }),
  );
  const [first] = scenes;
  if (first) await reload(first);
  for (const { serving } of scenes) {
    serving.kill("SIGTERM");
    ends.push(await serving.exited);
  }
});

afterAll(() => {
  for (const { serving } of scenes) serving.kill("SIGKILL");
  upstream?.close();
});

/** What the servers have printed, but for the one that may log prompts. */
function printed(): string {
  return scenes
    .filter(({ name }) => name !== "prompts in the log")
    .map(({ serving }) => serving.stdout() + serving.stderr())
    .join("");
}

/** Each kind of leak once, with an example. */
function once(leaks: readonly Leak[]): Leak[] {
  return [...new Map(leaks.map((leak) => [`${leak.place} ${leak.form}`, leak])).values()];
}

test("over 500 calls fail, and the others get their answers", () => {
  const good = results.filter(({ failed }) => !failed).map(({ plan }) => plan.name);
  expect(good.filter((name) => name !== "a good call")).toEqual([]);
  expect(good.length).toBe(scenes.length);
  expect(results.length - good.length).toBeGreaterThan(500);
  expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
});

test("each key, and every word of the callers, was sent to a provider who repeated it", () => {
  const places = [...new Set(canaries.find(upstream.heard.join("\n"), "the provider").map(({ place }) => place))];
  expect(places.sort()).toEqual(
    [
      "GEMINI_API_KEY",
      "VIBECTL_ANTHROPIC_API_KEY",
      "VIBECTL_LOCAL_API_KEY",
      "VIBECTL_SERVER_PROVIDERS_OTHER_KEY",
      "VIBECTL_SERVER_PROVIDERS_TEAM_KEYS_THIRD_KEY",
      "a header of a provider",
      "a model's answer",
      "a response schema",
      "a system fragment",
      "a user fragment",
      "providers.openai.key",
      "providers.team.keys.main.key",
      "the file of providers.team.keys.spare.key_file",
    ].sort(),
  );
});

/** A caller is told what is wrong with their own schema, and with the answer to it. */
const ownPlaces = ["a response schema", "a model's answer"];

test("no caller is shown a secret or a prompt", () => {
  const leaks = results.flatMap(({ seen, plan }) => {
    const found = canaries.find(seen, `the answer to ${plan.name}`);
    return plan.name.startsWith("schema") ? found.filter(({ place }) => !ownPlaces.includes(place)) : found;
  });
  expect(once(leaks)).toEqual([]);
});

test("no server prints one", () => {
  const lines = printed().split("\n");
  expect(lines.length).toBeGreaterThan(500);
  expect(once(lines.flatMap((line) => canaries.find(line, line)))).toEqual([]);
  expect(canaries.find(printed(), "everything that the servers printed")).toEqual([]);
});

test("a server that may log prompts logs them, the answers, and no secret", () => {
  const { serving } = scenes.find(({ name }) => name === "prompts in the log") ?? {};
  const lines = (serving?.stderr() ?? "").split("\n");
  const found = lines.flatMap((line) => canaries.find(line, line));
  expect(once(found.filter(({ kind }) => kind !== "prompt"))).toEqual([]);
  expect(found.map(({ place }) => place)).toContain("a user fragment");
  expect(found.map(({ place }) => place)).toContain("a system fragment");
  expect(found.map(({ place }) => place)).toContain("a model's answer");
  expect(canaries.find(serving?.stdout() ?? "", "stdout")).toEqual([]);
});

test.if(process.platform === "linux")("no process has a secret on its command line", () => {
  expect(processes.stop().flatMap((line) => canaries.find(line, line))).toEqual([]);
});

test("files with a secret in them are their owner's alone, and the state folder has none", () => {
  expect(scenes.flatMap(({ places }) => exposedFiles(canaries, places.home))).toEqual([]);
});
