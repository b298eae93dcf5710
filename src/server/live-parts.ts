import type { LoadedConfiguration } from "../config/load.ts";
import { providerKeyFiles } from "../config/provider-settings.ts";
import { ConfigurationError } from "../errors.ts";
import { setLevel } from "../observe/logger.ts";
import type { RpcServer } from "../rpc/server.ts";
import { type ConfigurationChange, compareConfigurations } from "./configuration-change.ts";
import { requireConsent } from "./exposure.ts";
import { FileWatch } from "./file-watch.ts";
import { type Looks, lookAgainAndAgain, WorkQueue } from "./looks.ts";
import { loadModels } from "./models.ts";
import { buildParts, loadServedTls, loadTokens, type Parts, type PartsContext, type TokenCheck } from "./parts.ts";
import type { ServedTls } from "./tls.ts";
import { tokenFiles } from "./tokens.ts";

/** What keeps parts current. */
export interface LivePartsOptions extends PartsContext {
  /** Loads the configuration. */
  load(): Promise<LoadedConfiguration>;
  /** The configuration file, whether it exists or not. */
  configurationFile: string;
}

/** Keys that the rules for tokens come from. */
const tokenKeys = /^(jwt\.|server\.require_auth$)/;

/** Keys of TLS that a new certificate, or new CAs of clients, come from. */
const tlsKeys = /^(tls\.|server\.(cert_file|key_file)$)/;

/** The files of keys that a configuration names. */
interface KeyWatches {
  providers: FileWatch;
  tokens: FileWatch;
}

async function watchKeys(loaded: LoadedConfiguration, { paths }: LivePartsOptions): Promise<KeyWatches> {
  const [providers, tokens] = await Promise.all([
    FileWatch.begin(providerKeyFiles(loaded)),
    FileWatch.begin(tokenFiles(loaded.configuration, paths)),
  ]);
  return { providers, tokens };
}

/**
 * The parts of a running server. When the configuration or a file that it names changes, the parts that this concerns are
 * built anew and put in the place of the old ones, all at once; calls that run keep what they began with. What can't be built
 * leaves everything as it was.
 */
export class LiveParts {
  readonly #options: LivePartsOptions;
  readonly #queue = new WorkQueue();
  readonly #configurationWatch: FileWatch;
  #watches: KeyWatches;
  #parts: Parts;
  #server: RpcServer | undefined;
  #looks: Looks | undefined;

  private constructor(parts: Parts, configurationWatch: FileWatch, watches: KeyWatches, options: LivePartsOptions) {
    this.#parts = parts;
    this.#configurationWatch = configurationWatch;
    this.#watches = watches;
    this.#options = options;
  }

  /**
   * Builds the parts that the configuration asks for.
   *
   * @throws VibectlError of what can't be loaded or built.
   */
  static async build(options: LivePartsOptions): Promise<LiveParts> {
    // A file is watched before it is read: what changes meanwhile is read again.
    const watch = await FileWatch.begin([options.configurationFile]);
    const loaded = await options.load();
    requireConsent(loaded);
    const watches = await watchKeys(loaded, options);
    return new LiveParts(await buildParts(loaded, options), watch, watches, options);
  }

  /** The parts in force. */
  get current(): Parts {
    return this.#parts;
  }

  /** Keeps the parts of a server current from now on. */
  keep(server: RpcServer): void {
    this.#server = server;
    this.#parts.tls?.keep(server);
    this.#looks = lookAgainAndAgain(() => this.#queue.run(() => this.#look()));
  }

  /** Loads everything anew, changed or not. It never throws. */
  async reload(reason: string): Promise<void> {
    await this.#queue.run(async () => {
      await this.#parts.tls?.reload(reason);
      await this.#reload(reason, { tokens: true });
    });
  }

  stop(): void {
    this.#looks?.stop();
    this.#parts.tls?.stop();
    this.#parts.tokens?.rules.close();
    this.#parts.tokens?.revocations.close();
  }

  async #look(): Promise<void> {
    this.#parts.tokens?.revocations.look();
    const changed = await this.#configurationWatch.look();
    const keysChanged = await this.#watches.providers.look();
    const tokens = await this.#watches.tokens.look();
    if (changed || keysChanged || tokens) await this.#reload("its files have changed", { tokens });
  }

  async #reload(reason: string, { tokens }: { tokens: boolean }): Promise<void> {
    const { logger, load } = this.#options;
    try {
      const change = compareConfigurations(this.#parts.loaded, await load());
      requireConsent(change.next);
      const watches = await watchKeys(change.next, this.#options);
      await this.#apply(change, tokens);
      this.#watches = watches;
      for (const warning of change.waiting) logger.warn(warning);
      const { applied } = change;
      if (applied.length > 0) logger.info({ reason, changed: applied }, "the configuration was loaded anew");
      else logger.debug({ reason }, "the configuration is the same");
    } catch (err) {
      logger.error({ err, reason }, "the configuration can't be applied: the one before stays in force");
    }
  }

  /** Builds what has changed; only when all of it could be built, it takes the place of what is there. */
  async #apply(change: ConfigurationChange, tokensChanged: boolean): Promise<void> {
    const { next, applied } = change;
    const before = this.#parts;
    const { logger } = this.#options;
    const models = await loadModels(next, logger, before.models);
    const tokens = await this.#tokens(change, tokensChanged);
    const tls =
      before.tls && applied.some((name) => tlsKeys.test(name)) ? await this.#newTls(next, before.tls) : before.tls;
    if (tls && tls !== before.tls && this.#server) {
      tls.takeOver(this.#server);
      before.tls?.stop();
      tls.keep(this.#server);
    }
    if (tokens !== before.tokens) before.tokens?.rules.close();
    if (models !== before.models) for (const warning of models.warnings) logger.warn(warning);
    setLevel(logger, next.configuration.server.log_level);
    this.#parts = { loaded: next, models, tokens, tls };
  }

  async #tokens({ next, applied }: ConfigurationChange, keysChanged: boolean): Promise<TokenCheck | undefined> {
    const before = this.#parts.tokens;
    if (applied.some((name) => tokenKeys.test(name))) return await loadTokens(next, this.#options, before);
    const refresh = before?.rules.refresh;
    // Keys of an issuer that is away would be lost, were they loaded anew.
    if (!keysChanged || refresh) {
      if (keysChanged) await refresh?.(new Date());
      return before;
    }
    return await loadTokens(next, this.#options, before);
  }

  async #newTls(next: LoadedConfiguration, before: ServedTls): Promise<ServedTls | undefined> {
    if (this.#options.certificate.kind === "ephemeral") {
      throw new ConfigurationError("A certificate in memory can't be made anew while clients trust its CA", {
        hint: "Restart the server to have the tls section applied.",
      });
    }
    const tls = await loadServedTls(next, this.#options);
    if ((tls?.summary.clients === undefined) === (before.summary.clients === undefined)) return tls;
    throw new ConfigurationError("Whether clients are asked for certificates can't change while the server runs", {
      hint: "Restart the server to have tls.client_ca_file applied.",
    });
  }
}
