import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Finished, type Serving, serve } from "../executable.ts";
import { Canaries, type Leak } from "./canaries.ts";
import type { CommandRun, Stage } from "./command-runs.ts";
import { allCommands, type Leaf } from "./command-walk.ts";
import { commands } from "./commands.ts";
import { drive } from "./drive.ts";
import { type Ground, makeGround, settle, type World } from "./ground.ts";
import { type HostileUpstream, startHostileUpstream } from "./hostile-upstream.ts";
import { exposedFiles } from "./left-files.ts";
import { ProcessWatch } from "./processes.ts";
import { makeSecrets } from "./secrets.ts";
import { inVariables } from "./worlds.ts";
import { otherWorlds } from "./wrong-worlds.ts";

setDefaultTimeout(120_000);
const folder = temporaryFolder();
const canaries = new Canaries();
const secrets = makeSecrets(canaries);
const processes = new ProcessWatch();

/** What a run left. */
interface Outcome extends Finished {
  line: string;
  run: CommandRun;
}

const outcomes: Outcome[] = [];
const homes: string[] = [];
let leaves: Leaf[];
let ground: Ground;
let server: Serving;
let upstream: HostileUpstream;

function settleAnew(world: World) {
  const home = join(folder, `home-${homes.length}`);
  homes.push(home);
  mkdirSync(home);
  return settle(world, ground, home);
}

/** The runs of a command's own, and those that every command has. */
function runsOf({ name, takes }: Leaf, stage: Stage): CommandRun[] {
  const own = commands[name]?.(stage) ?? [];
  const twins = own.filter(({ args, serves }) => takes.has("json") && !serves && !args.includes("--json"));
  return [
    ...own,
    // What a run has changed, its twin finds changed.
    ...twins.map((run) => ({ ...run, args: ["--json", ...run.args], code: undefined })),
    { args: ["--help"], code: 0 },
    { args: ["--no-such-flag"], code: 2 },
    ...(takes.has("config") ? [{ args: [...(own[0]?.args ?? []), "--config", "none.yaml"], code: undefined }] : []),
  ];
}

/** Commands that look at all that the configuration names. */
const thorough = new Set(["serve", "doctor", "config validate", "config show", "token verify"]);

type Choice = (runs: CommandRun[]) => CommandRun[];

/** The first run alone; how it ends, its world decides. */
const firstOnly: Choice = (runs) => runs.slice(0, 1).map((run) => ({ ...run, code: undefined }));

async function driveIn(world: World, leaf: Leaf, choose: Choice, settled = settleAnew(world)): Promise<void> {
  const { places, environment } = settled;
  for (const run of choose(runsOf(leaf, { secrets, places, port: server.port }))) {
    const finished = await drive(leaf.words, run, { home: places.home, environment, processes });
    outcomes.push({ ...finished, run, line: `${leaf.name} ${run.args.join(" ")} (${world.name})` });
  }
}

/** Where nothing can be changed, commands can share a home. */
async function driveInTurn(world: World, concerned: readonly Leaf[]): Promise<void> {
  const settled = settleAnew(world);
  for (const leaf of concerned) await driveIn(world, leaf, firstOnly, settled);
}

/** Does jobs, a few at the same time. */
async function doAll(jobs: Array<() => Promise<void>>): Promise<void> {
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  };
  await Promise.all([worker(), worker(), worker()]);
}

/** Secrets, tokens and keys that commands have written to files are canaries, too. */
function takeWhatWasMade(): void {
  const known = new Set<string>();
  for (const home of homes) {
    for (const file of new Bun.Glob("**/{*.key,jwt-secret,new-secret,new.jwt}").scanSync({ cwd: home, dot: true })) {
      const text = readFileSync(join(home, file), "utf8");
      if (known.has(text)) continue;
      known.add(text);
      if (file.endsWith(".key")) canaries.pem(`the new key ${file}`, text);
      else canaries.token(`what was written to ${file}`, text.trim());
    }
  }
}

beforeAll(async () => {
  leaves = await allCommands();
  upstream = await startHostileUpstream(["an answer"]);
  const template = join(folder, "template");
  mkdirSync(template);
  ground = await makeGround(canaries, template, secrets, upstream.url);
  const { places, environment } = settleAnew(inVariables);
  server = await serve(["--no-tls", "--log-level", "debug"], { home: places.home, environment });
  const jobs = leaves.map((leaf) => () => driveIn(inVariables, leaf, (runs) => runs));
  for (const world of otherWorlds) {
    const concerned = leaves.filter(({ name, takes }) => takes.has("config") && (world.widely || thorough.has(name)));
    if (world.widely) jobs.push(...concerned.map((leaf) => () => driveIn(world, leaf, firstOnly)));
    else jobs.push(() => driveInTurn(world, concerned));
  }
  await doAll(jobs);
  takeWhatWasMade();
});

afterAll(async () => {
  server?.kill("SIGKILL");
  await server?.exited;
  upstream?.close();
});

/** What shows on stdout beside what a run is for. */
function leaksOnStdout({ line, run, stdout }: Outcome): Leak[] {
  const where = `stdout of ${line}`;
  if (run.shows === "configured secrets")
    return canaries.find(stdout, where).filter(({ kind }) => kind !== "configured");
  if (run.shows !== "the new token") return canaries.find(stdout, where);
  const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(stdout)?.[0] ?? "";
  const old = Object.values(secrets.tokens).includes(token);
  return canaries.find(old ? stdout : stdout.replaceAll(token, ""), where);
}

test("every command of the tree is driven here", () => {
  expect(leaves.map(({ name }) => name).sort()).toEqual(Object.keys(commands).sort());
});

test("each run ends as it should", () => {
  const wrong = outcomes.filter(({ run, code }) => (run.code === undefined ? code > 2 : code !== run.code));
  expect(wrong.map(({ line, code, run, stderr }) => `${line}: ${code}, not ${run.code}: ${stderr}`)).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(400);
});

test("no command shows a secret on stdout or stderr", () => {
  const leaks = outcomes.flatMap((outcome) => [
    ...leaksOnStdout(outcome),
    ...canaries.find(outcome.stderr, `stderr of ${outcome.line}`),
  ]);
  expect(leaks).toEqual([]);
});

test("what may show a secret does", () => {
  const revealing = outcomes.filter(({ run }) => run.shows === "configured secrets" && run.code === 0);
  expect(revealing.length).toBeGreaterThan(3);
  for (const { stdout, line } of revealing) expect(canaries.find(stdout, line).length).toBeGreaterThan(0);
});

test("the server that was called shows none", async () => {
  expect(server.stderr()).toContain("UNAUTHENTICATED");
  expect(canaries.find(server.stdout() + server.stderr(), "the server")).toEqual([]);
});

test.if(process.platform === "linux")("no process has a secret on its command line", () => {
  const lines = processes.stop();
  expect(lines.length).toBeGreaterThan(300);
  expect(lines.flatMap((line) => canaries.find(line, line))).toEqual([]);
  const shown = homes.flatMap((home) => {
    const file = join(home, "process-list");
    return [...new Bun.Glob("process-list").scanSync(home)].map(() => readFileSync(file, "utf8"));
  });
  expect(shown.join("")).toContain("editor");
  expect(canaries.find(shown.join(""), "the process list while an editor is open")).toEqual([]);
});

test("files with a secret in them are their owner's alone, and the state folder has none", () => {
  expect(homes.flatMap((home) => exposedFiles(canaries, home))).toEqual([]);
});
