// Builds the executable: `npm run build`, or `npm run build -- --target=linux-arm64` for another platform.
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";

const targets = [
  "linux-x64",
  "linux-x64-musl",
  "linux-arm64",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
];
const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

function readTarget(): string | undefined {
  try {
    const { values } = parseArgs({ options: { target: { type: "string" } } });
    const target = values.target?.replace(/^bun-/, "");
    if (target !== undefined && !targets.includes(target)) {
      fail(`${values.target} is no target; there are ${targets.join(", ")}`);
    }
    return target;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function readCommit(): string {
  if (Bun.which("git") === null) return "unknown commit";
  const command = ["git", "describe", "--always", "--dirty", "--exclude=*"];
  const { success, stdout } = Bun.spawnSync(command, { cwd: root, stderr: "ignore" });
  return success ? stdout.toString().trim() : "unknown commit";
}

const target = readTarget();
const suffix = target === undefined ? "" : `-${target}`;
const extension = (target ?? process.platform).startsWith("win") ? ".exe" : "";
const file = join(dist, `vibectl-server${suffix}${extension}`);
// A build that breaks off leaves the executable of the last one in place.
const unfinished = join(dist, `.unfinished${suffix}${extension}`);
await mkdir(dist, { recursive: true });

const build = Bun.spawn(
  [
    process.execPath,
    "build",
    "src/main.ts",
    "src/proxy/schema-worker.ts",
    "src/providers/token-worker.ts",
    "--compile",
    "--minify",
    "--keep-names",
    "--bytecode",
    "--format=esm",
    "--splitting",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    ...(target === undefined ? [] : [`--target=bun-${target}`]),
    `--define=BUILD_COMMIT=${JSON.stringify(readCommit())}`,
    // Chunks lie at the root of the executable's own file system, entry points where they lie in src/.
    '--define=SCHEMA_WORKER="./proxy/schema-worker.js"',
    '--define=TOKEN_WORKER="./providers/token-worker.js"',
    `--outfile=${unfinished}`,
  ],
  { cwd: root, stdout: "pipe", stderr: "pipe", env: { ...process.env, NODE_ENV: "production" } },
);
const printed = `${await new Response(build.stdout).text()}${await new Response(build.stderr).text()}`;
if ((await build.exited) !== 0) {
  process.stderr.write(printed);
  await rm(unfinished, { force: true });
  process.exit(1);
}
await rename(unfinished, file);
const megabytes = ((await stat(file)).size / 1024 ** 2).toFixed(0);
process.stdout.write(`Built ${file.slice(root.length + 1)} (${megabytes} MB)\n`);
