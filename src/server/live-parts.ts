import type { RevocationList } from "../auth/revocation-list.ts";
import type { LoadedConfiguration } from "../config/load.ts";
import { namedFiles } from "../config/named-files.ts";
import { providerKeyFiles } from "../config/provider-settings.ts";
import { ConfigurationError } from "../errors.ts";
import { setLevel } from "../observe/logger.ts";
import type { RpcServer } from "../rpc/server.ts";
import { type ConfigurationChange, compareConfigurations } from "./configuration-change.ts";
import { requireConsent } from "./exposure.ts";
import { FileWatch } from "./file-watch.ts";
import { type Looks, lookAgainAndAgain, WorkQueue } from "./looks.ts";
import { type LoadedModels, loadModels } from "./models.ts";
import { warningsOf } from "./part-warnings.ts";
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

/** Files that are watched. */
interface WatchedFiles {
  files: readonly string[];
  watch: FileWatch;
}

/** The files of keys that a configuration names. */
interface KeyWatches {
  providers: WatchedFiles;
  tokens: WatchedFiles;
}

/** Goes on watching where the files are the same: a change that has not come to rest is not forgotten. */
async function watchFiles(files: readonly string[], before: WatchedFiles | undefined): Promise<WatchedFiles> {
  if (before && JSON.stringify(before.files) === JSON.stringify(files)) return before;
  return { files, watch: await FileWatch.begin(files) };
}

async function watchKeys(
  loaded: LoadedConfiguration,
  { paths }: LivePartsOptions,
  before?: KeyWatches,
): Promise<KeyWatches> {
  const [providers, tokens] = await Promise.all([
    watchFiles(providerKeyFiles(loaded), before?.providers),
    watchFiles(tokenFiles(loaded.configuration, paths), before?.tokens),
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
  /** The files that a configuration names which can't be applied: it may be for one that is not there yet. */
  #awaited: FileWatch | undefined;
  #parts: Parts;
  /** What was revoked stays so, also while no tokens are asked for. */
  #revocations: RevocationList | undefined;
  #server: RpcServer | undefined;
  /** A reload that waits for its turn. */
  #asked: Promise<void> | undefined;
  #looks: Looks | undefined;

  private constructor(parts: Parts, configurationWatch: FileWatch, watches: KeyWatches, options: LivePartsOptions) {
    this.#parts = parts;
    this.#configurationWatch = configurationWatch;
    this.#watches = watches;
    this.#options = options;
    this.#revocations = parts.tokens?.revocations;
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

  /** Loads everything anew, changed or not. It never throws. What is asked for while it waits is done by the same. */
  async reload(reason: string): Promise<void> {
    this.#asked ??= this.#queue.run(async () => {
      this.#asked = undefined;
      await this.#parts.tls?.reload(reason);
      await this.#reloadTokens(reason);
      await this.#reload(reason, { isAsked: true });
    });
    await this.#asked;
  }

  stop(): void {
    this.#looks?.stop();
    this.#parts.tls?.stop();
    this.#parts.tokens?.rules.close();
    this.#revocations?.close();
    void this.#closeModels(this.#parts.models);
  }

  async #look(): Promise<void> {
    this.#revocations?.look();
    const reason = "its files have changed";
    // A secret that was withdrawn must not live on because something else in the configuration is wrong.
    if (await this.#watches.tokens.watch.look()) await this.#reloadTokens(reason);
    const changed = await this.#configurationWatch.look();
    const keysChanged = await this.#watches.providers.watch.look();
    const awaited = await this.#awaited?.look();
    if (changed || keysChanged || awaited) await this.#reload(reason, { isAsked: false });
  }

  /** Loads the keys that check tokens anew, by the configuration in force. */
  async #reloadTokens(reason: string): Promise<void> {
    const { logger } = this.#options;
    try {
      const tokens = await this.#loadTokens(this.#parts.loaded);
      this.#take({ ...this.#parts, tokens });
      if (tokens) logger.info({ reason }, "the keys of tokens were loaded anew");
    } catch (err) {
      logger.error({ err, reason }, "the keys of tokens can't be loaded: those of before stay in use");
    }
  }

  async #reload(reason: string, { isAsked }: { isAsked: boolean }): Promise<void> {
    const { logger, load } = this.#options;
    let named: FileWatch | undefined;
    try {
      const change = compareConfigurations(this.#parts.loaded, await load());
      requireConsent(change.next);
      named = await FileWatch.begin(namedFiles(change.next.configuration));
      const watches = await watchKeys(change.next, this.#options, this.#watches);
      await this.#apply(change);
      this.#watches = watches;
      this.#awaited = undefined;
      for (const warning of change.waiting) logger.warn(warning);
      const { applied } = change;
      if (applied.length > 0) logger.info({ reason, changed: applied }, "the configuration was loaded anew");
      else if (isAsked) logger.info({ reason }, "the configuration is the same");
    } catch (err) {
      this.#awaited = named;
      logger.error({ err, reason }, "the configuration can't be applied: the one before stays in force");
    }
  }

  /** Builds what has changed; only when all of it could be built, it takes the place of what is there. */
  async #apply({ next, applied }: ConfigurationChange): Promise<void> {
    const before = this.#parts;
    const { logger } = this.#options;
    const concerns = (keys: RegExp) => applied.some((name) => keys.test(name));
    const models = await loadModels(next, logger, before.models);
    const { tokens, tls } = await this.#buildOthers(next, concerns).catch((error: unknown) => {
      if (models !== before.models) void this.#closeModels(models);
      throw error;
    });
    if (tls && tls !== before.tls && this.#server) {
      tls.takeOver(this.#server);
      before.tls?.stop();
      tls.keep(this.#server);
    }
    setLevel(logger, next.configuration.server.log_level);
    this.#take({ loaded: next, models, tokens, tls });
  }

  async #buildOthers(
    next: LoadedConfiguration,
    concerns: (keys: RegExp) => boolean,
  ): Promise<Pick<Parts, "tokens" | "tls">> {
    const before = this.#parts;
    const tokens = concerns(tokenKeys) ? await this.#loadTokens(next) : before.tokens;
    const tls = before.tls && concerns(tlsKeys) ? await this.#newTls(next, before.tls) : before.tls;
    return { tokens, tls };
  }

  /** Puts parts in force, and tells what is new to be told of them. */
  #take(parts: Parts): void {
    const before = this.#parts;
    this.#parts = parts;
    if (before.models !== parts.models) void this.#closeModels(before.models);
    this.#revocations = parts.tokens?.revocations ?? this.#revocations;
    const published = before.tokens?.rules.published?.keys;
    if (published !== parts.tokens?.rules.published?.keys) published?.close();
    const told = new Set(warningsOf(before));
    for (const warning of warningsOf(parts)) if (!told.has(warning)) this.#options.logger.warn(warning);
  }

  /** Calls that run keep the providers that they began with. */
  async #closeModels(models: LoadedModels): Promise<void> {
    try {
      await models.close();
    } catch (err) {
      this.#options.logger.warn({ err }, "connections to providers can't be closed");
    }
  }

  async #loadTokens(loaded: LoadedConfiguration): Promise<TokenCheck | undefined> {
    const before = { revocations: this.#revocations, rules: this.#parts.tokens?.rules };
    return await loadTokens(loaded, this.#options, before);
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
