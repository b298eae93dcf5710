import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationFile, examineConfiguration } from "../../../src/config/load.ts";
import { expandHome, resolvePaths } from "../../../src/config/paths.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();

test("the home folder begins every path, and stands for ~/", () => {
  const paths = Object.values(resolvePaths({ HOME: "/h" }));
  expect(paths.every((path) => path.startsWith("/h/.config/vibectl/server"))).toBe(true);
  expect(["~/a", "~a", "/~/a"].map((path) => expandHome(path, { HOME: "/h" }))).toEqual(["/h/a", "~a", "/~/a"]);
});

test("a configuration file below ~/ is found, named by a flag or by the variable", async () => {
  writeFileSync(join(folder, "own.yaml"), "server: { port: 4 }\n", { mode: 0o600 });
  const HOME = folder;
  const paths = resolvePaths({ HOME });
  for (const options of [
    { environment: { HOME }, paths, file: "~/own.yaml" },
    { environment: { HOME, VIBECTL_SERVER_CONFIG: "~/own.yaml" }, paths },
  ]) {
    expect(configurationFile(options)).toBe(join(folder, "own.yaml"));
    const { loaded, file } = await examineConfiguration(options);
    expect([file, loaded?.configuration.server.port]).toEqual([join(folder, "own.yaml"), 4]);
  }
});

test.skipIf(process.getuid?.() !== 0)(
  "a user whom the system does not know has paths that name what is missing",
  () => {
    const script = `
    import { loadConfiguration } from "${join(import.meta.dir, "../../../src/config/load.ts")}";
    import { resolvePaths } from "${join(import.meta.dir, "../../../src/config/paths.ts")}";
    process.setuid(4242);
    const paths = resolvePaths({});
    const { file } = await loadConfiguration({ environment: {}, paths });
    console.log(JSON.stringify([paths.jwtSecret, file ?? null]));
  `;
    const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script], { env: {} });
    expect(stderr.toString()).toBe("");
    expect(JSON.parse(stdout.toString())).toEqual([
      "/dev/null/HOME-is-not-set/.config/vibectl/server/jwt-secret",
      null,
    ]);
  },
);
