import { type RevocationOptions, revokeLeaf } from "../../../../src/pki/private-ca/private-ca-revocation.ts";
import { now } from "../authorities.ts";
import { freshDirectories } from "../development/development-folder.ts";
import { init } from "./private-folder.ts";

/** Makes a folder for one test file, in which each test makes its CA. */
export function freshAuthorities() {
  const freshDirectory = freshDirectories();
  async function makeCa(): Promise<string> {
    const directory = freshDirectory();
    await init(directory);
    return directory;
  }
  return { freshDirectory, makeCa };
}

export function revoke(directory: string, name: string, overrides: Partial<RevocationOptions> = {}) {
  return revokeLeaf({ directory, name, reason: "keyCompromise", now, ...overrides });
}
