import type { X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunCommand } from "../../../../src/pki/system-trust/run-command.ts";
import { type FolderStore, systemStores } from "../../../../src/pki/system-trust/system-store.ts";
import type { SystemTrustOptions } from "../../../../src/pki/system-trust/system-trust.ts";
import type { RootFile } from "../../../../src/pki/system-trust/trust-entry.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";

/** The stores of Linux. */
export const folderStores = systemStores.filter((store) => store.kind === "folder");

const debian = folderStores.find(({ systems }) => systems.startsWith("Debian")) as FolderStore;

/** A system whose store is a folder below a temporary one. */
export interface FakeSystem extends SystemTrustOptions {
  root: string;
  run: RunCommand;
  /** The commands that were run. */
  commands: string[];
  /** How every further command ends; undefined lets it make the bundle. */
  fail?: { code: number; output: string };
  /** The store's folder. */
  store: string;
  bundle: string;
}

/**
 * Makes systems and certificate files for one test file.
 *
 * @returns A temporary folder, a function that writes a certificate into a file, and one that makes a system whose
 * command puts what is in the store's folder into the bundle.
 */
export function trustSystems() {
  const folder = temporaryFolder();
  let count = 0;
  const rootFileOf = ({ certificate }: { certificate: X509Certificate }): RootFile => {
    const file = join(folder, `${count++}.crt`);
    writeFileSync(file, certificate.toString());
    return { file, certificate };
  };
  const makeSystem = (store: FolderStore = debian): FakeSystem => {
    const top = join(folder, `system-${count++}`);
    const system: FakeSystem = {
      platform: "linux",
      root: top,
      asAdministrator: undefined,
      commands: [],
      store: join(top, store.folder),
      bundle: join(top, store.bundle),
      run: async (command) => {
        system.commands.push(command.join(" "));
        if (system.fail) return system.fail;
        const names = readdirSync(system.store).filter((name) => !name.startsWith("."));
        writeFileSync(system.bundle, names.map((name) => readFileSync(join(system.store, name), "utf8")).join(""));
        return { code: 0, output: "1 added, 0 removed; done.\n" };
      },
    };
    for (const path of [system.store, dirname(system.bundle)]) mkdirSync(path, { recursive: true });
    writeFileSync(system.bundle, "");
    return system;
  };
  return { folder, rootFileOf, makeSystem };
}
