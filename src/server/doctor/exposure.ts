import { VibectlError } from "../../errors.ts";
import { clientSettings } from "../client-trust-keeper.ts";
import { exposureWarnings, isLoopback, requireConsent } from "../exposure.ts";
import type { LoadedContext } from "./context.ts";
import { type Finding, failureOf, ok, okUnless } from "./finding.ts";

/** Says whether calls need a token. */
export async function checkAuthentication({ loaded }: Pick<LoadedContext, "loaded">): Promise<Finding[]> {
  const { server, tls } = loaded.configuration;
  const certificates = server.use_tls && clientSettings(tls)?.required === true;
  if (server.require_auth) return [ok("on: calls need a token")];
  if (certificates) return [ok("calls need no token, but every client a certificate")];
  return [ok("off: calls need no token", { hint: "`server.require_auth: true` turns it on." })];
}

/** Checks whether other machines reach a server that should not be reached by them. */
export async function checkExposure({ loaded }: Pick<LoadedContext, "loaded">): Promise<Finding[]> {
  const { host } = loaded.configuration.server;
  try {
    requireConsent(loaded);
  } catch (error) {
    if (error instanceof VibectlError) return [failureOf(error)];
    throw error;
  }
  const reach = isLoopback(host) ? "only this machine reaches it" : "other machines reach it";
  return [okUnless(exposureWarnings(loaded), `${host}: ${reach}`)];
}
