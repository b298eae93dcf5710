import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
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
