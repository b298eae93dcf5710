// What another process does with the lock of the folder that is named: `hold` has it until standard input ends, `count`
// counts up a file there ten times, each under the lock, and `try` asks once, as another user where this one may do all.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import { withFolderLock } from "../../src/file-lock.ts";

const [what = "", folder = ""] = process.argv.slice(2);
const nobody = 65534;

const actions: Readonly<Record<string, () => Promise<void>>> = {
  hold: () =>
    withFolderLock({ directory: folder }, async () => {
      process.stdout.write("held\n");
      await Bun.stdin.text();
    }),
  count: async () => {
    const file = join(folder, "count");
    for (let time = 0; time < 10; time++) {
      await withFolderLock({ directory: folder }, async () => {
        const count = Number(await readFile(file, "utf8").catch(() => "0"));
        await writeFile(file, String(count + 1));
      });
    }
  },
  try: async () => {
    if (process.getuid?.() === 0) process.setuid?.(nobody);
    const attempt = withFolderLock({ directory: folder, timeoutMs: 0 }, async () => "had");
    process.stdout.write(await attempt.catch(messageOf));
  },
};

await actions[what]?.();
