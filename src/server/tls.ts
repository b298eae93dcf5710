import type { Configuration } from "../config/schema.ts";
import type { Logger } from "../observe/logger.ts";
import type { ClientIdentification } from "../rpc/identify-client.ts";
import type { RpcServer } from "../rpc/server.ts";
import type { TlsOptions } from "../rpc/tls.ts";
import { CertificateKeeper } from "./certificate-keeper.ts";
import type { CertificateSource, ServedCertificate } from "./certificate-source.ts";
import { type ClientSettings, ClientTrustKeeper, clientSettings } from "./client-trust-keeper.ts";
import { FileWatch } from "./file-watch.ts";

/** How often files and clock are looked at, in milliseconds: a change is seen at the second look after it. */
const lookMs = 500;

/** What is worth telling of TLS at the start. */
export interface TlsSummary extends Pick<ServedCertificate, "trustRoot" | "bundle" | "outcome" | "issuedHere"> {
  /** Where the certificate comes from, for a person. */
  sourceName: string;
  /** The names that the certificate covers. */
  hosts: readonly string[];
  notAfter: Date;
  /** Whose clients' certificates count; undefined when clients are asked for none. */
  clients: ClientSettings | undefined;
}

/** TLS as it is served, and kept current. */
export interface ServedTls {
  summary: TlsSummary;
  /** How clients are known by their certificates; undefined when they are asked for none. */
  identification: ClientIdentification | undefined;
  options: TlsOptions;
  warnings: readonly string[];
  /** Keeps a server's certificate and clients' CAs current from now on. */
  keep(server: RpcServer): void;
  /** Loads everything anew, changed or not. */
  reload(reason: string): Promise<void>;
  stop(): void;
}

function summarise({ identity, trustRoot, bundle, outcome, issuedHere }: ServedCertificate) {
  const { hosts, notAfter } = identity.leaf;
  return { hosts, notAfter, trustRoot, bundle, outcome, issuedHere };
}

/**
 * Loads what TLS needs.
 *
 * @throws CertificateError, FileError or ConfigurationError when the certificate or the clients' CAs can't be used.
 */
export async function loadTls(
  source: CertificateSource,
  tls: Configuration["tls"],
  logger: Logger,
  clock: () => Date = () => new Date(),
): Promise<ServedTls> {
  const settings = clientSettings(tls);
  const watch = await FileWatch.begin(source.files);
  const certificate = await source.load(clock());
  const clients = settings && (await ClientTrustKeeper.open(settings, logger, clock));
  const clientRoots = () => (clients ? { clientRoots: clients.roots } : {});
  let server: RpcServer | undefined;
  let timer: NodeJS.Timeout | undefined;
  const keeper = new CertificateKeeper(certificate, {
    source,
    watch,
    present: ({ identity }) => server?.updateTls({ identity, ...clientRoots() }),
    logger,
    clock,
    jitter: Math.random,
  });
  const presentRoots = (roots: string) => {
    server?.updateTls({ identity: keeper.current.identity, clientRoots: roots });
  };
  const look = async () => {
    await keeper.tick();
    if (await clients?.hasChanged()) await clients?.reload(presentRoots);
  };
  return {
    summary: { ...summarise(certificate), sourceName: source.name, clients: settings },
    identification: clients?.identification,
    options: {
      identity: certificate.identity,
      minVersion: `TLSv${tls.min_version}`,
      ...(clients && settings ? { clients: { roots: clients.roots, required: settings.required } } : {}),
    },
    warnings: [...certificate.warnings, ...(clients?.warnings ?? [])],
    keep(running) {
      server = running;
      timer = setInterval(() => void look(), lookMs);
      timer.unref();
    },
    async reload(reason) {
      await keeper.reload(reason);
      await clients?.reload(presentRoots);
    },
    stop: () => clearInterval(timer),
  };
}
