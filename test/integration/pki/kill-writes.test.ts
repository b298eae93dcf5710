import { expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { withFolderLock } from "../../../src/file-lock.ts";
import { type PairFiles, type PairText, writePair } from "../../../src/pki/files/pair-files.ts";
import { loadIdentity } from "../../../src/pki/identity/load-identity.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { makePairText } from "./pair-text.ts";

const kills = Number(process.env.KILLS ?? 40);
const seed = Number(process.env.KILL_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const killsInFolder = 2;
/** Some ten writes; the square makes half of the kills come in the first two. */
const longestMs = 120;

const top = temporaryFolder();
const script = join(import.meta.dir, "write-pairs.ts");

/** Numbers from 0 to 1 that the seed determines (mulberry32). */
function* randomNumbers(start: number): Generator<number, never> {
  for (let state = start; ; ) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const random = randomNumbers(seed);

function filesIn(folder: string): PairFiles {
  return { certFile: join(folder, "server.crt"), keyFile: join(folder, "server.key") };
}

/** What may lie in a folder before a write. */
const startingStates: Readonly<Record<string, (files: PairFiles, text: PairText) => unknown>> = {
  nothing: () => undefined,
  "plain files": ({ certFile, keyFile }, { certificate, key }) => {
    writeFileSync(certFile, certificate);
    writeFileSync(keyFile, key, { mode: 0o600 });
  },
  links: writePair,
};

interface Killed {
  writes: number;
  found: "pair" | "nothing";
}

/** Kills the writer at a random moment, which may be in the middle of its first write. */
async function writeUntilKilled(folder: string): Promise<number> {
  const child = Bun.spawn([process.execPath, script, folder], { stdout: "pipe", stderr: "inherit" });
  const output = child.stdout.getReader();
  const { value: line } = await output.read();
  expect(new TextDecoder().decode(line)).toStartWith("ready\n");
  setTimeout(() => child.kill("SIGKILL"), random.next().value ** 2 * longestMs);
  let writes = 0;
  for (let chunk = line; chunk; { value: chunk } = await output.read()) {
    writes += new TextDecoder().decode(chunk).split(".").length - 1;
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  return writes;
}

/** Both names show a pair that belongs together and can be served, or there is neither. */
async function look(files: PairFiles): Promise<Killed["found"]> {
  const there = [files.certFile, files.keyFile].map((path) => existsSync(path));
  if (!there.includes(true)) return "nothing";
  expect(there).toEqual([true, true]);
  const [cert, key] = [readFileSync(files.certFile, "utf8"), readFileSync(files.keyFile, "utf8")];
  expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).toBe(true);
  createSecureContext({ cert, key });
  await loadIdentity({ ...files, now: new Date() });
  return "pair";
}

/** The next write takes up whatever is there, and clears away what the killed ones have left. */
async function writeOnce(folder: string): Promise<void> {
  const files = filesIn(folder);
  const text = await makePairText();
  await withFolderLock({ directory: folder, timeoutMs: 0 }, () => writePair(files, text));
  expect([readFileSync(files.certFile, "utf8"), readFileSync(files.keyFile, "utf8")]).toEqual([
    text.certificate,
    text.key,
  ]);
  expect(readdirSync(folder).sort()).toEqual([".lock", ".server.crt.d", "server.crt", "server.key"]);
  expect(readdirSync(join(folder, ".server.crt.d"))).toHaveLength(2);
  expect(readdirSync(join(folder, ".server.crt.d/live")).sort()).toEqual(["server.crt", "server.key"]);
}

async function killInFolder(number: number, state: string): Promise<Killed[]> {
  const folder = join(top, String(number));
  mkdirSync(folder);
  const files = filesIn(folder);
  await startingStates[state]?.(files, await makePairText());
  const killed: Killed[] = [];
  let before = await look(files);
  for (let time = 0; time < killsInFolder; time++) {
    const writes = await writeUntilKilled(folder);
    const found = await look(files);
    // What was there once is never lost.
    if (before === "pair" || writes > 0) expect(found).toBe("pair");
    killed.push({ writes, found });
    before = found;
  }
  await writeOnce(folder);
  return killed;
}

test(
  "whenever a writer is killed, key and certificate match and load, or are both absent",
  async () => {
    process.stdout.write(`kills: ${kills}, seed: ${seed} (KILL_SEED=${seed} repeats it)\n`);
    const states = Object.keys(startingStates);
    const killed: Killed[] = [];
    for (let number = 0; killed.length < kills; number++) {
      killed.push(...(await killInFolder(number, states[number % states.length] ?? "")));
    }
    const writes = killed.reduce((sum, each) => sum + each.writes, 0);
    const absent = killed.filter(({ found }) => found === "nothing").length;
    const early = killed.filter((each) => each.writes === 0).length;
    process.stdout.write(
      `${killed.length} kills, ${early} of them in the first write; ${writes} writes were finished; `,
    );
    process.stdout.write(`then there was a pair ${killed.length - absent} times, and nothing ${absent} times\n`);
  },
  10_000 + kills * 1000,
);
