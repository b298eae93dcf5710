import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { smallDisks } from "../small-disks.ts";
import { run } from "./executable.ts";

const disks = smallDisks(96);

/** What a folder holds, by name and content. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !name.endsWith(".lock"));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), "base64")]));
}

function fill(folder: string): void {
  try {
    for (let size = 65536; size >= 1; size = size > 4096 ? size / 2 : size - 4096) {
      writeFileSync(join(folder, `filler-${size}`), new Uint8Array(size));
    }
  } catch (error) {
    if (!String(error).includes("ENOSPC")) throw error;
  }
  for (let index = 0; index < 64; index++) {
    try {
      writeFileSync(join(folder, `filler-${index}`), new Uint8Array(4096));
    } catch {
      return;
    }
  }
}

describe.skipIf(!disks.possible)("a disk", () => {
  test("that is full keeps what it has, and the error says that it is full", async () => {
    const home = disks.make("full");
    expect((await run(["generate-certs"], { home })).code).toBe(0);
    expect((await run(["ca", "init"], { home })).code).toBe(0);
    const server = join(home, ".config", "vibectl", "server");
    const before = contents(server);
    fill(home);
    for (const args of [
      ["generate-certs", "--hostname", "new.example.org", "--key-type", "p384"],
      ["ca", "init", "--force"],
      ["ca", "create-server-cert", "localhost"],
      ["ca", "renew", "--root"],
    ]) {
      const { code, stderr } = await run(args, { home });
      expect(`${args.join(" ")}: ${code} ${stderr}`).toContain(": 1 error: ");
      expect(stderr).toContain("the disk is full");
      expect(contents(server)).toEqual(before);
    }
    for (const name of readdirSync(home).filter((each) => each.startsWith("filler"))) rmSync(join(home, name));
    expect((await run(["generate-certs", "--hostname", "new.example.org"], { home })).code).toBe(0);
  });

  test("that can only be read is good enough while nothing has to be written", async () => {
    const home = disks.make("read-only");
    expect((await run(["generate-certs"], { home })).code).toBe(0);
    const before = contents(home);
    disks.freeze(home);
    const { code, stderr } = await run(["generate-certs", "--hostname", "new.example.org"], { home });
    expect(code).toBe(1);
    expect(stderr).toContain("the file system is read-only");
    const wider = await run(["serve", "--port", "0", "--generate-certs", "--hostname", "new.example.org"], { home });
    expect(wider.code).toBe(1);
    expect(wider.stderr).toContain("the file system is read-only");
    expect(wider.stderr).toContain("--ephemeral");
    expect(contents(home)).toEqual(before);
  });
});
