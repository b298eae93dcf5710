import { lstat, statfs } from "node:fs/promises";
import { isHmac } from "../../auth/algorithms.ts";
import { tokenDatabaseFile } from "../../auth/token-database.ts";
import { developmentFiles } from "../../pki/development/development-files.ts";
import { stateDirectory } from "../tokens.ts";
import type { LoadedContext } from "./context.ts";
import { type Finding, failed, okUnless } from "./finding.ts";
import { isOfKernel, mayWrite, type NearestPath, nearestExisting, placesHint } from "./nearest-folder.ts";
import { unlessUnreadable } from "./unless-absent.ts";

/** What the folders are looked at with. */
export interface PathsCheck extends Pick<LoadedContext, "loaded" | "paths"> {
  /** Whose process it is; undefined where the system has no such numbers. */
  uid?: number | undefined;
  /** Bytes that are free on the file system of a path; the system is asked unless given. */
  freeBytes?: (path: string) => Promise<number>;
}

const mebibyte = 1024 * 1024;

/** Bytes below which a disk is nearly full. */
const scarceBytes = 100 * mebibyte;

/** A file system that does not tell its size, such as some over a network, may have any. */
async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize, blocks } = await statfs(path);
  return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
}

interface Folder {
  name: string;
  path: string;
  /** What can't be done without it; undefined where nothing needs it. */
  need: string | undefined;
  /** Whether a server starts all the same, because it can read there what it needs. */
  isReadable: boolean;
}

async function isThere(file: string): Promise<boolean> {
  return (await unlessUnreadable(lstat(file))) !== undefined;
}

async function foldersOf({ loaded: { configuration }, paths }: PathsCheck): Promise<Folder[]> {
  const { server, jwt } = configuration;
  const makesSecret = server.require_auth && isHmac(jwt.algorithm) && !jwt.secret_key && !jwt.secret_key_file;
  const makesCertificate = server.use_tls && !server.cert_file;
  const made = [...(makesSecret ? ["the secret"] : []), ...(makesCertificate ? ["the certificate"] : [])];
  const state = server.require_auth ? "tokens can't be issued or revoked" : undefined;
  const { certFile, keyFile } = developmentFiles(paths.certificates);
  const kept = [...(makesSecret ? [paths.jwtSecret] : []), ...(makesCertificate ? [certFile, keyFile] : [])];
  const stateFolder = stateDirectory(configuration, paths);
  const areKept = (await Promise.all(kept.map(isThere))).every(Boolean);
  const home = areKept ? undefined : `${made.join(" and ")} can't be kept`;
  return [
    { name: "home folder", path: paths.home, need: home, isReadable: false },
    {
      name: "state folder",
      path: stateFolder,
      need: state,
      isReadable: await isThere(tokenDatabaseFile(stateFolder)),
    },
  ];
}

function ownerWarnings({ path, stats }: NearestPath, uid: number | undefined): string[] {
  const { uid: owner, mode } = stats;
  if (uid === undefined) return [];
  return [
    ...(owner === uid ? [] : [`${path} belongs to the user with the number ${owner}, and this is number ${uid}`]),
    ...(mode & 0o020 ? [`The group of ${path} can write it: chmod g-w ${path}`] : []),
  ];
}

function spaceWarnings(path: string, freeBytes: number): string[] {
  if (freeBytes >= scarceBytes) return [];
  return [`The disk of ${path} has ${Math.floor(freeBytes / mebibyte)} MiB left`];
}

async function examine({ name, path, need, isReadable }: Folder, options: PathsCheck): Promise<Finding> {
  const { uid, freeBytes: ask = freeBytesOf } = options;
  const found = await nearestExisting(path);
  const there = found.path === path;
  const { stats } = found;
  const consequence = need ? [`Without it ${need}`] : [];
  const unusable = (summary: string, hint: string) =>
    need && !isReadable
      ? failed(summary, { details: consequence, hint })
      : okUnless([summary, ...consequence], `${name} ${path}`, { hint });
  if (!stats.isDirectory()) {
    return unusable(`${found.path} is no folder, so the ${name} ${path} can't be one`, `Move ${found.path} away.`);
  }
  if (there && uid !== undefined && stats.mode & 0o002) {
    return failed(`everybody can write the ${name} ${path}`, {
      details: ["Whoever can write it can put a secret or a configuration of theirs in it"],
      hint: `chmod go-w ${path}`,
    });
  }
  if (!(await mayWrite(found.path))) {
    const doing = there
      ? "can't be written by this user"
      : `is not there, and this user may not make it in ${found.path}`;
    return unusable(`the ${name} ${path} ${doing}`, there ? `Make ${path} writable for this user.` : placesHint);
  }
  if (await isOfKernel(found.path)) {
    return unusable(`nothing can be kept in ${found.path}, so the ${name} ${path} can't be made`, placesHint);
  }
  const freeBytes = await ask(found.path);
  if (freeBytes <= 0)
    return failed(`the disk of ${found.path} is full`, { hint: "Make room: nothing can be kept there." });
  const warnings = [...(there ? ownerWarnings(found, uid) : []), ...spaceWarnings(found.path, freeBytes)];
  return okUnless(warnings, `${name} ${path}${there ? "" : ", made when it is needed"}`);
}

/** Checks the folders that the server keeps its files in: whether they are there or can be made, safe, and with room. */
export async function checkPaths(options: PathsCheck): Promise<Finding[]> {
  const uid = "uid" in options ? options.uid : process.getuid?.();
  return await Promise.all((await foldersOf(options)).map((folder) => examine(folder, { ...options, uid })));
}
