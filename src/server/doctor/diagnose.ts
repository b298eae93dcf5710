import { checkCertificate } from "./certificate.ts";
import { checkClientAuthorities } from "./client-authorities.ts";
import { checkClock } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import type { DoctorContext, LoadedContext } from "./context.ts";
import { checkDefaultModel } from "./default-model.ts";
import { checkDescriptors } from "./descriptors.ts";
import { checkEnvironment } from "./environment.ts";
import { checkAuthentication, checkExposure } from "./exposure.ts";
import { type Finding, failureOf, skipped } from "./finding.ts";
import { checkPaths } from "./paths.ts";
import { checkPort } from "./port.ts";
import { checkProviders } from "./providers.ts";
import { noteServerDates, type ServerDates } from "./server-dates.ts";
import { checkTokenKeys } from "./token-keys.ts";
import { checkTokenStore } from "./token-store.ts";
import { checkVersion } from "./version.ts";

/** What to look at, and how. */
export interface DoctorOptions extends Omit<DoctorContext, "now"> {
  /** A configuration file that has to exist; otherwise the usual one is read if it is there. */
  file: string | undefined;
  /** Tells the time. */
  clock: () => Date;
  /** Asks issuers, where that is allowed. */
  fetch: typeof fetch;
}

/** A finding, and of which check. */
export interface Diagnosis extends Finding {
  readonly check: string;
}

type Check = (context: LoadedContext & ServerDates) => Promise<Finding[]>;

/** The checks that need the configuration, in their order: the clock is held against what others have answered before. */
const checks: ReadonlyArray<readonly [name: string, check: Check]> = [
  ["paths", checkPaths],
  ["authentication", checkAuthentication],
  ["exposure", checkExposure],
  ["token-keys", checkTokenKeys],
  ["token-store", checkTokenStore],
  ["tls", checkCertificate],
  ["client-certs", checkClientAuthorities],
  ["port", checkPort],
  ["provider", checkProviders],
  ["default-model", checkDefaultModel],
  ["clock", checkClock],
];

/** Makes a check; what it throws is what it found. */
async function attempt(check: string, make: () => Promise<Finding[]>): Promise<Diagnosis[]> {
  const findings = await make().catch((error) => [failureOf(error)]);
  return findings.map((finding) => ({ check, ...finding }));
}

/**
 * Looks at everything that a server is set up with, and changes nothing. A check that fails ends no other; those that need
 * the configuration are skipped without one.
 *
 * @returns The findings as they come. None of them holds a secret.
 */
export async function* diagnose(options: DoctorOptions): AsyncGenerator<Diagnosis, void> {
  const { environment, paths, online, clock, file } = options;
  yield* await attempt("version", checkVersion);
  const { findings, loaded } = await checkConfiguration({ environment, paths, file });
  yield* await attempt("configuration", async () => findings);
  yield* await attempt("environment", () => checkEnvironment({ environment }));
  const dates = noteServerDates(options.fetch, clock);
  for (const [name, check] of checks) {
    yield* await attempt(name, async () =>
      loaded
        ? await check({ environment, paths, online, now: clock(), loaded, ...dates })
        : [skipped("the configuration is needed for it, and that can't be used")],
    );
  }
  yield* await attempt("descriptors", () => checkDescriptors());
}
