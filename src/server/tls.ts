import type { Configuration } from "../config/schema.ts";
import type { Logger } from "../observe/logger.ts";
import { loadClientTrust } from "../pki/clients/client-trust.ts";
import type { ClientIdentification } from "../rpc/identify-client.ts";
import type { RpcServer } from "../rpc/server.ts";
import type { TlsOptions } from "../rpc/tls.ts";
import { CertificateKeeper } from "./certificate-keeper.ts";
import type { CertificateSource, ServedCertificate } from "./certificate-source.ts";
import { type ClientSettings, ClientTrustKeeper, clientSettings } from "./client-trust-keeper.ts";
import { FileWatch } from "./file-watch.ts";
import { type Looks, lookAgainAndAgain, WorkQueue } from "./looks.ts";

/** What is worth telling of TLS at the start. */
export interface TlsSummary extends Pick<ServedCertificate, "bundleFile" | "bundle" | "outcome" | "issuedHere"> {
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
  /** Presents the certificate and the CAs to new connections, where others were presented before. */
  takeOver(server: RpcServer): void;
  /** Loads everything anew, changed or not. */
  reload(reason: string): Promise<void>;
  stop(): void;
}

/** What is known of clients, and the files that say it. */
interface Clients {
  keeper: ClientTrustKeeper;
  watch: FileWatch;
  settings: ClientSettings;
  warnings: readonly string[];
}

async function loadClients(tls: Configuration["tls"], logger: Logger): Promise<Clients | undefined> {
  const settings = clientSettings(tls);
  if (!settings) return undefined;
  const { caFile, crlFile } = settings;
  const watch = await FileWatch.begin(crlFile === undefined ? [caFile] : [caFile, crlFile]);
  const trust = await loadClientTrust({ caFile, crlFile, now: new Date() });
  const keeper = new ClientTrustKeeper(settings, trust, logger, () => new Date());
  return { keeper, watch, settings, warnings: trust.warnings };
}

function summarise({ identity, ...certificate }: ServedCertificate) {
  const { hosts, notAfter } = identity.leaf;
  return { ...certificate, hosts, notAfter };
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
): Promise<ServedTls> {
  const clients = await loadClients(tls, logger);
  const watch = await FileWatch.begin(source.files);
  const certificate = await source.load(new Date(), "start");
  // What has just been written is the state from which changes count.
  await watch.look();
  let server: RpcServer | undefined;
  const keeper = new CertificateKeeper(certificate, {
    source,
    present: ({ identity }) => server?.updateTls({ identity, clientRoots: clients?.keeper.roots }),
    logger,
    clock: () => new Date(),
    jitter: Math.random,
  });
  const presentRoots = (clientRoots: string) => {
    server?.updateTls({ identity: keeper.current.identity, clientRoots });
  };
  const queue = new WorkQueue();
  const look = async () => {
    if (await watch.look()) await keeper.reload("its files have changed");
    await keeper.lookAtClock();
    if (await clients?.watch.look()) await clients?.keeper.reload(presentRoots);
  };
  let looks: Looks | undefined;
  return {
    summary: { ...summarise(certificate), sourceName: source.name, clients: clients?.settings },
    identification: clients?.keeper.identification,
    options: {
      identity: certificate.identity,
      minVersion: `TLSv${tls.min_version}`,
      clients: clients && { roots: clients.keeper.roots, required: clients.settings.required },
    },
    warnings: [...certificate.warnings, ...(clients?.warnings ?? [])],
    keep(running) {
      server = running;
      looks = lookAgainAndAgain(() => queue.run(look));
    },
    takeOver(running) {
      running.updateTls({ identity: keeper.current.identity, clientRoots: clients?.keeper.roots });
    },
    reload: async (reason) =>
      await queue.run(async () => {
        await keeper.reload(reason);
        await clients?.keeper.reload(presentRoots);
      }),
    stop: () => looks?.stop(),
  };
}
