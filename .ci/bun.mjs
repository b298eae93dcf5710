// Runs the Bun that package.json pins, also where npm did not run install scripts:
// the `bun` package then holds a placeholder until its own installer has put the real executable in its place.
import { spawn, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = dirname(createRequire(import.meta.url).resolve("bun/package.json"));
const bun = join(folder, "bin", "bun.exe");

if (spawnSync(bun, ["--version"], { stdio: "ignore" }).status !== 0) {
  const installed = spawnSync(process.execPath, [join(folder, "install.js")], { stdio: "inherit" });
  if (installed.status !== 0) process.exit(installed.status ?? 1);
}

const child = spawn(bun, process.argv.slice(2), { stdio: "inherit" });
// A terminal sends SIGINT to the whole group: passed on, it would reach the child twice.
process.on("SIGINT", () => undefined);
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
