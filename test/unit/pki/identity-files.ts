import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadIdentity } from "../../../src/pki/identity/load-identity.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { makeIntermediate, makeParty, makeRoot, makeRsaKey, now } from "./authorities.ts";

export const hosts = ["server.example.org", "*.wild.example.org", "bücher.example", "127.0.0.1", "::1"];
export const root = await makeRoot("A root");
export const intermediate = await makeIntermediate(root);
export const leaf = await makeParty({ commonName: "server.example.org", hosts, issuer: intermediate });
export const stranger = await makeParty({ commonName: "stranger", hosts, issuer: await makeRoot("Another root") });
export const rsaKey = makeRsaKey();
export const rsaLeaf = await makeParty({ commonName: "rsa", hosts, issuer: root, key: rsaKey });

/** What a good file of the leaf holds. */
export const chainText = leaf.text + intermediate.text;

/**
 * Makes a folder for the files of one test file.
 *
 * @returns The folder, the files of a good pair in it, and functions that write and load others.
 */
export function identityFiles() {
  const folder = temporaryFolder();
  let count = 0;
  const place = (content: string | Uint8Array, name = "file", mode = 0o600): string => {
    const path = join(folder, `${count++}-${name}.pem`);
    writeFileSync(path, content, { mode });
    return path;
  };
  const load = (certificate: string | Uint8Array, key: string | Uint8Array = leaf.keyText, at = now) =>
    loadIdentity({ certFile: place(certificate, "certificate"), keyFile: place(key, "key"), now: at });
  return { folder, place, load, certFile: place(chainText, "certificate"), keyFile: place(leaf.keyText, "key") };
}
