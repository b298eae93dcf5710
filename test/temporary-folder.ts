import { afterAll } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Makes a folder that is gone when the test file is through.
 *
 * @returns Its path.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vibectl-server-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Makes a folder for one test file, as temporaryFolder does.
 *
 * @returns A function that makes, each time, another folder in it.
 */
export function temporaryFolders(): () => string {
  const top = temporaryFolder();
  let count = 0;
  return () => {
    const folder = join(top, String(count++));
    mkdirSync(folder);
    return folder;
  };
}
