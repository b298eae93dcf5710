import type { Configuration } from "../config/schema.ts";
import type { Logger } from "../observe/logger.ts";
import { subjectOfClient } from "../pki/clients/client-subject.ts";
import { type ClientTrust, loadClientTrust } from "../pki/clients/client-trust.ts";
import type { ClientIdentification } from "../rpc/identify-client.ts";

/** Whose clients' certificates count, and whether every client needs one. */
export interface ClientSettings {
  caFile: string;
  crlFile: string | undefined;
  required: boolean;
}

/**
 * What the configuration says of clients' certificates.
 *
 * @returns Undefined when clients are asked for none.
 */
export function clientSettings(tls: Configuration["tls"]): ClientSettings | undefined {
  const { client_ca_file: caFile, client_crl_file: crlFile, client_auth: auth } = tls;
  if (auth === "none" || !caFile) return undefined;
  return { caFile, crlFile: crlFile ?? undefined, required: auth !== "request" };
}

/** Keeps what is known of the clients' CAs current; files that can't be used leave what was known before in force. */
export class ClientTrustKeeper {
  readonly #settings: ClientSettings;
  readonly #logger: Logger;
  readonly #clock: () => Date;
  #trust: ClientTrust;

  /** @param trust - What is known at the start. */
  constructor(settings: ClientSettings, trust: ClientTrust, logger: Logger, clock: () => Date) {
    this.#settings = settings;
    this.#trust = trust;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** PEM: the CAs. */
  get roots(): string {
    return this.#trust.roots;
  }

  /** How a call is told from others by its connection's certificate. */
  get identification(): ClientIdentification {
    return {
      required: this.#settings.required,
      subjectOf: ([leaf]) => subjectOfClient(leaf),
      objectionTo: (chain) => this.#trust.objectionTo(chain, this.#clock()),
    };
  }

  /**
   * Loads the files anew. It never throws.
   *
   * @param present - Hands the CAs to new handshakes; what it throws leaves everything as it was.
   */
  async reload(present: (roots: string) => void): Promise<void> {
    const { caFile, crlFile } = this.#settings;
    try {
      const trust = await loadClientTrust({ caFile, crlFile, now: this.#clock() });
      present(trust.roots);
      this.#trust = trust;
      for (const warning of trust.warnings) this.#logger.warn(warning);
      this.#logger.info({ caFile, crlFile }, "the clients' CAs and revocation lists were loaded anew");
    } catch (err) {
      this.#logger.error({ err, caFile, crlFile }, "the clients' CAs can't be loaded: those of before stay in force");
    }
  }
}
