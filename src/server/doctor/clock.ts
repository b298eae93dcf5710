import { stat } from "node:fs/promises";
import { tokenDatabaseFile } from "../../auth/token-database.ts";
import { formatSpan, formatTime } from "../../time.ts";
import { stateDirectory } from "../tokens.ts";
import type { AskingContext } from "./context.ts";
import { type Finding, failed, okUnless } from "./finding.ts";
import type { ClockOffset } from "./server-dates.ts";
import { unlessUnreadable } from "./unless-absent.ts";

/** What the clock is held against. */
export interface ClockCheck extends AskingContext {
  /** What the answers so far said of the time; it grows when another is asked. */
  offsets: readonly ClockOffset[];
}

/** No build of this program is older. */
const firstYear = 2026;

/** Milliseconds by which clocks may differ: the leeway that tokens have. */
const tolerableMs = 30_000;

const timeoutMs = 5000;

const hint = "Set the clock by NTP: tokens and certificates are valid by it.";

/** What can't be looked at is told by the checks that need it. */
async function modifiedAt(file: string): Promise<number> {
  const stats = await unlessUnreadable(stat(file));
  return stats?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

/** A file can't have been written in the future. */
async function fileWarnings({ loaded, paths, now }: ClockCheck): Promise<string[]> {
  const state = stateDirectory(loaded.configuration, paths);
  const files = [
    ...(loaded.file ? [loaded.file] : []),
    paths.home,
    state,
    tokenDatabaseFile(state),
    paths.certificates,
  ];
  const times = await Promise.all(
    files.map(async (file) => ({ file, ahead: (await modifiedAt(file)) - now.getTime() })),
  );
  return times
    .filter(({ ahead }) => ahead > tolerableMs)
    .map(({ file, ahead }) => `${file} was written ${formatSpan(ahead)} in the future, by this clock`);
}

/** The issuer of keys is asked for the time alone, where nobody else was asked. */
async function askIssuer({ loaded, online, fetch, offsets }: ClockCheck): Promise<void> {
  const url = loaded.configuration.jwt.jwks_url;
  if (!online || !url || offsets.length > 0) return;
  const options: RequestInit = { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(timeoutMs) };
  // Why it could not be reached is told with the keys.
  await fetch(url, options).catch(() => undefined);
}

function describeOffset({ host, offsetMs }: ClockOffset): string {
  return `This clock is ${formatSpan(Math.abs(offsetMs))} ${offsetMs < 0 ? "ahead of" : "behind"} that of ${host}`;
}

/** Checks whether this machine's clock can be right. */
export async function checkClock(options: ClockCheck): Promise<Finding[]> {
  const { now, offsets } = options;
  if (!(now.getUTCFullYear() >= firstYear)) {
    return [failed(`the clock says ${formatTime(now)}, which is before this program was written`, { hint })];
  }
  await askIssuer(options);
  const wrong = offsets.filter(({ offsetMs }) => Math.abs(offsetMs) > tolerableMs);
  const warnings = [...(await fileWarnings(options)), ...new Set(wrong.map(describeOffset))];
  const hosts = [...new Set(offsets.map(({ host }) => host))];
  const compared = hosts.length > 0 ? `, compared with ${hosts.join(", ")}` : "";
  return [okUnless(warnings, `${formatTime(now)}${compared}`, warnings.length > 0 ? { hint } : {})];
}
