import type { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FileError, messageOf, systemCodeOf } from "../../errors.ts";
import { removeFile, systemReason, writeFileAtomically } from "../../safe-file.ts";
import type { FolderStore } from "./system-store.ts";
import { commandFailure, type TrustContext, type TrustEntry } from "./trust-entry.ts";

/** Permissions of a file in a store's folder: every program reads it. */
const storeFileMode = 0o644;

/** The name under which a certificate lies in a store's folder: the same each time, and no other's. */
function storeFileName(certificate: X509Certificate): string {
  return `vibectl-server-${certificate.fingerprint256.replaceAll(":", "").slice(0, 16).toLowerCase()}.crt`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const hint = `See what lies at ${path}, and move it away if nothing needs it.`;
    throw new FileError(`${path} can't be read: ${systemReason(cause)}`, { hint, cause });
  }
}

/** Changes the store's folder. What the user lacks the right for, the hint does as administrator. */
async function changeFolder(change: () => Promise<unknown>, { asAdministrator }: TrustContext): Promise<void> {
  try {
    await change();
  } catch (error) {
    const code = error instanceof FileError ? systemCodeOf(error.cause) : undefined;
    if (asAdministrator === undefined || (code !== "EACCES" && code !== "EPERM")) throw error;
    throw new FileError(messageOf(error), { hint: `Run it as administrator: ${asAdministrator}`, cause: error });
  }
}

/**
 * One certificate in a store that is a folder. It is trusted when its file is there and the store's command has taken it
 * up; so what an attempt that broke off has left is finished by the next.
 */
export function folderEntry(store: FolderStore, context: TrustContext): TrustEntry {
  const { certificate, root, run } = context;
  const path = join(root, store.folder, storeFileName(certificate));
  const bundle = join(root, store.bundle);
  const body = certificate.raw.toString("base64");
  const holds = (text: string) => text.replaceAll(/\s/g, "").includes(body);

  /** Undefined where this system has no such file: then the folder alone tells. */
  const isBundled = async () => {
    const text = await readIfThere(bundle);
    return text === undefined ? undefined : holds(text);
  };
  const place = async (text: string | undefined) => {
    if (text === undefined) await removeFile(path);
    else await writeFileAtomically(path, text, { mode: storeFileMode, clobber: true });
  };
  /** Brings the store back to what it was, and says how that went. */
  const restore = async (text: string | undefined, bundled: boolean | undefined) => {
    try {
      await place(text);
      // A command that breaks off late has changed the bundle already. Should it fail again, the first failure is told.
      if ((await isBundled()) !== bundled) await run(text === undefined ? store.remove : store.add);
      return (await isBundled()) === bundled ? "The store was left as it was" : `${bundle} could not be left as it was`;
    } catch (error) {
      return `The store could not be left as it was: ${messageOf(error)}`;
    }
  };

  const change = async (text: string | undefined, command: FolderStore["add"]) => {
    const [before, bundled] = [await readIfThere(path), await isBundled()];
    await changeFolder(() => place(text), context);
    const result = await run(command);
    if (result.code !== 0) throw commandFailure(command, result, await restore(before, bundled), context);
    return { restore: () => restore(before, bundled), result };
  };

  return {
    place: path,
    isTrusted: async () => holds((await readIfThere(path)) ?? "") && (await isBundled()) !== false,
    add: async () => {
      const { restore, result } = await change(certificate.toString(), store.add);
      if ((await isBundled()) !== false) return;
      const output = `${result.output.trim()}\n${bundle} lacks the certificate`;
      throw commandFailure(store.add, { ...result, output }, await restore(), context);
    },
    remove: async () => {
      if ((await readIfThere(path)) === undefined && (await isBundled()) !== true) return false;
      await change(undefined, store.remove);
      if ((await isBundled()) !== true) return true;
      throw new FileError(`${bundle} holds the certificate still: somebody put it there under another name`, {
        hint: `Remove its file from ${join(root, store.folder)}, then run \`${store.remove.join(" ")}\`.`,
      });
    },
  };
}
