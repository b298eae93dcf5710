import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { editFile } from "../../../src/config/editing/edit-file.ts";
import { setInText } from "../../../src/config/editing/edit-text.ts";
import { randomNumbers } from "../../random-numbers.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const kills = Number(process.env.EDIT_KILLS ?? 40);
const seed = Number(process.env.KILL_SEED ?? crypto.getRandomValues(new Uint32Array(1))[0]);
/** Some ten edits; the first one takes longer than the others. */
const longestMs = 100;

const folder = temporaryFolder();
const file = join(folder, "config.yaml");
const script = join(import.meta.dir, "edit-port.ts");

const random = randomNumbers(seed);

/** A file with comments, as long as such files are. */
function textWith(port: number): string {
  const models = Array.from(
    { length: 40 },
    (_, index) => `  alias-${index}:   "vendor/model-${index}"  # number ${index}`,
  );
  return `# Ours, not to be changed.\nserver:\n    host:  '127.0.0.1'\n    port: ${port}   # the port\n\n${[
    "# names",
    "model_aliases:",
    ...models,
  ].join("\n")}`;
}

interface Killed {
  /** How many edits had ended. */
  edits: number;
  /** Whether one had begun that had not ended. */
  inEdit: boolean;
  /** Whether a half-written file was left. */
  inWrite: boolean;
}

/** Kills the editor at a random moment, which may be in the middle of its first edit. */
async function editUntilKilled(firstPort: number): Promise<Killed> {
  const child = Bun.spawn([process.execPath, script, file, String(firstPort)], { stdout: "pipe", stderr: "inherit" });
  const output = child.stdout.getReader();
  const decoder = new TextDecoder();
  let said = "";
  const read = async () => {
    const { value, done } = await output.read();
    said += decoder.decode(value);
    return !done;
  };
  while (!said.includes("\n") && (await read()));
  expect(said).toStartWith("ready\n");
  setTimeout(() => child.kill("SIGKILL"), random.next().value * longestMs);
  while (await read());
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  const inWrite = readdirSync(folder).some((name) => name.endsWith(".tmp"));
  return { edits: said.split(">").length - 1, inEdit: said.endsWith("<"), inWrite };
}

/** The file is, byte for byte, what it was before the edit that was broken off, or what it was to be after it. */
function look(firstPort: number, { edits, inEdit }: Killed): number {
  const text = readFileSync(file, "utf8");
  const { port } = (parse(text) as { server: { port: number } }).server;
  expect(text === textWith(port)).toBe(true);
  const before = firstPort + edits - 1;
  expect(inEdit ? [before, before + 1] : [before]).toContain(port);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const previous = `${file}.previous`;
  if (existsSync(previous)) {
    const kept = readFileSync(previous, "utf8");
    const { server } = parse(kept) as { server: { port: number } };
    expect(kept === textWith(server.port)).toBe(true);
    expect([port - 1, port]).toContain(server.port);
    expect(statSync(previous).mode & 0o777).toBe(0o600);
  }
  return port;
}

/** The next edit takes up whatever is there, and clears away what the killed one has left. */
async function editOnce(port: number): Promise<void> {
  await editFile(
    file,
    (text) => setInText(text, ["server", "port"], port),
    async () => undefined,
  );
  expect(readFileSync(file, "utf8") === textWith(port)).toBe(true);
  expect(readdirSync(folder).sort()).toEqual([".config.yaml.lock", "config.yaml", "config.yaml.previous"]);
}

test(
  "whenever an edit is killed, the file is the one before it or the one after it, and the next edit works",
  async () => {
    process.stdout.write(`kills: ${kills}, seed: ${seed} (KILL_SEED=${seed} repeats it)\n`);
    const killed: Killed[] = [];
    let port = 1;
    writeFileSync(file, textWith(port), { mode: 0o600 });
    while (killed.length < kills) {
      const each = await editUntilKilled(port + 1);
      killed.push(each);
      port = look(port + 1, each) + 1;
      await editOnce(port);
    }
    const count = (matches: (each: Killed) => boolean) => killed.filter(matches).length;
    process.stdout.write(
      `${kills} kills, ${count(({ inEdit }) => inEdit)} of them in an edit, ${count(({ inWrite }) => inWrite)} in a write, ` +
        `${count(({ edits }) => edits === 0)} before the first edit ended; ` +
        `${killed.reduce((sum, { edits }) => sum + edits, 0)} edits were finished\n`,
    );
  },
  10_000 + kills * 1000,
);
