import type { Logger } from "../observe/logger.ts";
import { isNearEnd, renewalTime } from "../pki/validity.ts";
import { dayMs, minuteMs } from "../time.ts";
import type { CertificateSource, ServedCertificate } from "./certificate-source.ts";

/** What keeps a certificate current. */
export interface KeeperOptions {
  source: CertificateSource;
  /**
   * Presents another certificate to connections that come from now on.
   *
   * @throws CertificateError when it can't be served; the one before then stays.
   */
  present(certificate: ServedCertificate): void;
  logger: Logger;
  clock: () => Date;
  /** From 0 to 1: see {@link renewalTime}. */
  jitter: () => number;
}

/** A renewal that failed is tried again after a minute, then twice as long each time, up to an hour. */
const longestPauseMs = 60 * minuteMs;

/**
 * Keeps the certificate that is served current. A certificate that can't be used leaves the one before in service. The
 * time is looked at anew each time, so that a machine that has slept renews when it wakes. Its methods are called one after
 * the other, and never throw.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  #current: ServedCertificate;
  #renewal: Date | undefined;
  #pauseMs = minuteMs;
  #reminder: Date;

  /** @param current - The certificate that is served at the start. */
  constructor(current: ServedCertificate, options: KeeperOptions) {
    this.#options = options;
    this.#current = current;
    this.#renewal = this.#renewalOf(current);
    this.#reminder = new Date(options.clock().getTime() + dayMs);
  }

  /** The certificate that is served. */
  get current(): ServedCertificate {
    return this.#current;
  }

  /** Has the certificate renewed when it is time, and says once a day when it is near its end all the same. */
  async lookAtClock(): Promise<void> {
    const now = this.#options.clock();
    if (this.#renewal && now >= this.#renewal) await this.#renew(now);
    if (now >= this.#reminder) this.#remind(now);
  }

  /** Loads the certificate anew. */
  async reload(reason: string): Promise<void> {
    await this.#load(reason, this.#options.clock());
  }

  #renewalOf({ issuedHere, identity }: ServedCertificate): Date | undefined {
    return issuedHere ? renewalTime(identity.leaf, this.#options.jitter()) : undefined;
  }

  /** @returns Whether another certificate is served now. */
  async #load(reason: string, now: Date): Promise<boolean> {
    const { source, present, logger } = this.#options;
    const before = this.#current.identity;
    try {
      const loaded = await source.load(now, "serving");
      const { certificateChain, privateKey, leaf } = loaded.identity;
      if (certificateChain === before.certificateChain && privateKey === before.privateKey) {
        logger.debug({ serial: before.leaf.serialNumber, reason }, "the certificate is the same");
        return false;
      }
      present(loaded);
      this.#current = loaded;
      this.#renewal = this.#renewalOf(loaded);
      for (const warning of loaded.warnings) logger.warn(warning);
      const { serialNumber: serial, notAfter, hosts } = leaf;
      logger.info({ serial, notAfter, hosts, reason }, "another certificate is served");
      return true;
    } catch (err) {
      const { serialNumber: serial, notAfter } = before.leaf;
      logger.error(
        { err, reason, serial, notAfter },
        "the certificate can't be loaded: the one before stays in service",
      );
      return false;
    }
  }

  async #renew(now: Date): Promise<void> {
    if (await this.#load("two thirds of its life are over", now)) {
      this.#pauseMs = minuteMs;
      return;
    }
    this.#renewal = new Date(now.getTime() + this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }

  /** Once a day: whoever has to renew a certificate that is not ours may have overlooked the warning at the start. */
  #remind(now: Date): void {
    this.#reminder = new Date(now.getTime() + dayMs);
    const { notBefore, notAfter, serialNumber: serial } = this.#current.identity.leaf;
    if (!isNearEnd({ notBefore, notAfter }, now)) return;
    const message = now > notAfter ? "the certificate has expired" : "the certificate is near its end";
    this.#options.logger.warn({ serial, notAfter }, message);
  }
}
