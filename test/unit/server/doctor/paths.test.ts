import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkPaths } from "../../../../src/server/doctor/paths.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const plenty = async () => 2 ** 40;

describe("the folders", () => {
  test("may be made later, and are not made now", async () => {
    const { context, paths } = makeHome();
    expect(told(await checkPaths(await context()))).toEqual([
      `ok: home folder ${paths.home}, made when it is needed`,
      `ok: state folder ${paths.state}, made when it is needed`,
    ]);
    expect(existsSync(dirname(dirname(paths.home)))).toBe(false);
  });

  test("may be there", async () => {
    const { context, paths } = makeHome({ configuration: {} });
    mkdirSync(paths.state, { mode: 0o700 });
    expect(told(await checkPaths(await context()))).toEqual([
      `ok: home folder ${paths.home}`,
      `ok: state folder ${paths.state}`,
    ]);
  });

  test("fail where everybody can write them", async () => {
    const { context, paths } = makeHome({ configuration: {} });
    chmodSync(paths.home, 0o777);
    const [home] = told(await checkPaths(await context()));
    expect(home).toStartWith(`failed: everybody can write the home folder ${paths.home}\n`);
    expect(home).toEndWith(`hint: chmod go-w ${paths.home}`);
  });

  test("are a warning where they belong to somebody else, or their group can write them", async () => {
    const { context, paths } = makeHome({ configuration: {} });
    chmodSync(paths.home, 0o770);
    const uid = (process.getuid?.() ?? 0) + 1;
    const [home] = told(await checkPaths({ ...(await context()), uid }));
    expect(home).toStartWith(`warning: home folder ${paths.home}\n`);
    expect(home).toContain(`belongs to the user with the number ${uid - 1}, and this is number ${uid}`);
    expect(home).toContain(`chmod g-w ${paths.home}`);
  });

  test("fail where a file is in the way of what is needed", async () => {
    const state = "state-file/state";
    const { context, file } = makeHome({ files: { "state-file": "" } });
    const home = makeHome({ configuration: { server: { require_auth: true, state_dir: file(state) } } });
    const [, found] = told(await checkPaths(await home.context()));
    expect(found).toStartWith(
      `failed: ${file("state-file")} is no folder, so the state folder ${file(state)} can't be one\n`,
    );
    expect(found).toContain("Without it tokens can't be issued or revoked");
    const other = await context();
    other.loaded.configuration.server.state_dir = file(state);
    expect(told(await checkPaths(other))[1]).toStartWith(`warning: state folder ${file(state)}\n`);
  });

  test("fail where this user may not make what is needed", async () => {
    const script = join(import.meta.dir, "paths-as-nobody.ts");
    const child = Bun.spawn([process.execPath, script], { stdout: "pipe", stderr: "inherit" });
    const [home, state] = JSON.parse(await new Response(child.stdout).text());
    expect(home).toStartWith("warning: home folder /vibectl-server-home/.config/vibectl/server\n");
    expect(home).toContain("is not there, and this user may not make it in /");
    expect(state).toStartWith(
      "failed: the state folder /usr/vibectl-server is not there, and this user may not make it in /usr\n",
    );
    for (const way of ["HOME", "server.state_dir", "VIBECTL_JWT_SECRET_FILE", "--ephemeral"]) {
      expect(state).toContain(way);
    }
  });

  test("that can only be read are a warning where all that is needed is in them", async () => {
    const script = join(import.meta.dir, "paths-as-nobody.ts");
    const { paths, environment } = makeHome({
      configuration: { server: { require_auth: true, use_tls: true } },
      files: { "jwt-secret": "", "certs/server.crt": "", "certs/server.key": "", "state/tokens.db": "" },
    });
    const { HOME: outer = "" } = environment;
    const folders = [paths.state, paths.certificates, paths.home];
    for (const folder of folders) chmodSync(folder, 0o555);
    for (let folder = dirname(paths.home); folder !== dirname(dirname(outer)); folder = dirname(folder)) {
      chmodSync(folder, 0o755);
    }
    const child = Bun.spawn([process.execPath, script, outer], { stdout: "pipe", stderr: "inherit" });
    const [home, state] = JSON.parse(await new Response(child.stdout).text());
    for (const folder of folders) chmodSync(folder, 0o700);
    expect(home).toStartWith(`warning: home folder ${paths.home}\n`);
    expect(home).toContain("can't be written by this user");
    expect(state).toStartWith(`warning: state folder ${paths.state}\n`);
  });

  test.if(process.platform === "linux")("fail among the kernel's own files", async () => {
    const { context } = makeHome({ configuration: { server: { require_auth: true, state_dir: "/proc/vibectl" } } });
    const [, state] = told(await checkPaths(await context()));
    expect(state).toStartWith(
      "failed: nothing can be kept in /proc, so the state folder /proc/vibectl can't be made\n",
    );
  });

  test("fail on a full disk, and warn on one that is nearly full", async () => {
    const { context, paths } = makeHome({ configuration: {} });
    const asked: string[] = [];
    const nearly = async (path: string) => {
      asked.push(path);
      return 99 * 1024 * 1024;
    };
    const [warned] = told(await checkPaths({ ...(await context()), freeBytes: nearly }));
    expect(warned).toBe(`warning: home folder ${paths.home}\nThe disk of ${paths.home} has 99 MiB left`);
    expect(asked).toEqual([paths.home, paths.home]);
    const [full] = told(await checkPaths({ ...(await context()), freeBytes: async () => 0 }));
    expect(full).toStartWith(`failed: the disk of ${paths.home} is full\n`);
    const [roomy] = told(await checkPaths({ ...(await context()), freeBytes: plenty }));
    expect(roomy).toStartWith("ok: ");
  });

  test("that are files are a warning where nothing needs them", async () => {
    const { context, paths, file } = makeHome({ configuration: {} });
    writeFileSync(file("state"), "");
    const [, state] = told(await checkPaths(await context()));
    expect(state).toStartWith(`warning: state folder ${paths.state}\n${paths.state} is no folder`);
  });
});
