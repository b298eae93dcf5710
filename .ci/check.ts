// Everything that can be said of the sources without running them: `npm run check`.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { referenceFiles } from "./reference.ts";

const root = join(import.meta.dir, "..");
const generated = join(root, "src", "gen");

const commands: ReadonlyArray<readonly [title: string, ...command: string[]]> = [
  ["types", "tsc", "-p", "."],
  ["format and lint", "biome", "ci", "--error-on-warnings", "."],
  ["unused files, exports and dependencies", "knip"],
  ["protocol", "buf", "lint"],
  ["protocol against the published client's", "buf", "breaking", "--against", "test/fixtures/vibectl-0.11.6.binpb"],
];

async function run(command: readonly string[]): Promise<boolean> {
  const child = Bun.spawn([...command], { cwd: root, stdout: "inherit", stderr: "inherit" });
  return (await child.exited) === 0;
}

async function snapshot(): Promise<Map<string, string>> {
  const entries = await readdir(generated, { recursive: true, withFileTypes: true });
  const code = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = [...code, ...referenceFiles];
  return new Map(await Promise.all(files.map(async (file) => [file, await Bun.file(file).text()] as const)));
}

/** Regenerates, says which files changed, and puts the old ones back. */
async function checkGenerated(): Promise<boolean> {
  const before = await snapshot();
  if (!(await run([process.execPath, ".ci/generate.ts"]))) return false;
  const after = await snapshot();
  const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
  await Promise.all([...before].map(([file, text]) => Bun.write(file, text)));
  for (const file of stale) process.stderr.write(`${file.slice(root.length + 1)} is stale: run \`npm run gen\`\n`);
  return stale.length === 0;
}

let sound = true;
for (const [title, ...command] of commands) {
  const passed = await run(command);
  process.stdout.write(`${passed ? "ok  " : "FAIL"} ${title}\n`);
  sound &&= passed;
}
const fresh = await checkGenerated();
process.stdout.write(`${fresh ? "ok  " : "FAIL"} generated code and reference\n`);
process.exit(sound && fresh ? 0 : 1);
