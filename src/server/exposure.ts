import type { LoadedConfiguration } from "../config/load.ts";
import { ConfigurationError } from "../errors.ts";
import { clientSettings } from "./client-trust-keeper.ts";

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\]|\[?::ffff:127\.\d+\.\d+\.\d+\]?)$/i;

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return loopback.test(host);
}

interface Risk {
  /** The key that takes the risk away. */
  key: "use_tls" | "require_auth";
  text: string;
  remedy: string;
  consent: string;
}

const risks = {
  plainText: {
    key: "use_tls",
    text: "prompts and tokens travel unencrypted",
    remedy: "--generate-certs",
    consent: "--no-tls",
  },
  anybody: {
    key: "require_auth",
    text: "anyone who reaches it can spend your keys' money",
    remedy: "--require-auth",
    consent: "--no-auth",
  },
} as const satisfies Record<string, Risk>;

function risksOf({ configuration }: Pick<LoadedConfiguration, "configuration">): Risk[] {
  const { server, tls } = configuration;
  if (isLoopback(server.host)) return [];
  const identified = server.require_auth || (server.use_tls && clientSettings(tls)?.required === true);
  return [...(server.use_tls ? [] : [risks.plainText]), ...(identified ? [] : [risks.anybody])];
}

/**
 * Refuses to be reached from other machines without TLS or without authentication, unless somebody has said so: by a flag,
 * a variable or the configuration file.
 *
 * @throws ConfigurationError that names each risk, what takes it away, and how it is accepted.
 */
export function requireConsent(loaded: Pick<LoadedConfiguration, "configuration" | "originOf">): void {
  const silent = risksOf(loaded).filter(({ key }) => loaded.originOf(["server", key]) === "default");
  if (silent.length === 0) return;
  const { host } = loaded.configuration.server;
  const found = silent.map(({ text }) => text).join(", and ");
  const remedies = silent.map(({ remedy }) => remedy).join(" ");
  const consents = silent.map(({ consent }) => consent).join(" ");
  throw new ConfigurationError(`${host} can be reached from other machines, and ${found}`, {
    hint: `Start with ${remedies}; or, where you accept the risk, with ${consents}.`,
  });
}

/** What is to be said at every start of a server that other machines reach. */
export function exposureWarnings(loaded: Pick<LoadedConfiguration, "configuration">): string[] {
  const { host } = loaded.configuration.server;
  return risksOf(loaded).map(
    ({ text, remedy }) => `${host} can be reached from other machines, and ${text} (${remedy})`,
  );
}
