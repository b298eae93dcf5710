import type { LoadedConfiguration } from "../../config/load.ts";
import type { Environment, Paths } from "../../config/paths.ts";

/** What every check is told. */
export interface DoctorContext {
  environment: Environment;
  paths: Paths;
  /** Whether providers and issuers may be asked. */
  online: boolean;
  now: Date;
}

/** What checks are told that need the configuration. */
export interface LoadedContext extends DoctorContext {
  loaded: LoadedConfiguration;
}

/** What checks are told that ask others. */
export interface AskingContext extends LoadedContext {
  /** Sends the requests to issuers. */
  fetch: typeof fetch;
  /** Makes a function that sends requests as the given one does, and looks at the answers. */
  watch(inner: typeof fetch): typeof fetch;
}
