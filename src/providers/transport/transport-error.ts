/** Where a request came to grief. */
export type TransportPoint =
  /** No connection came about, or it broke before the answer began. */
  | "connection"
  /** The connection broke within the answer. */
  | "body"
  /** What came is not what HTTP, or the answer's own headers, promise. */
  | "format"
  /** Something did not happen in time. */
  | "time";

/** What more is known of a failed request. */
interface TransportErrorDetails {
  /** What to do next, as one sentence. */
  hint?: string;
  cause?: unknown;
}

/** A request that did not get its whole answer. Neither message nor hint holds an address or a secret. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly hint: string | undefined;

  /**
   * @param point - Where it came to grief.
   * @param code - The system's or our own name for it, in lower case.
   * @param message - What happened, to follow the provider's name and a colon.
   */
  constructor(
    readonly point: TransportPoint,
    readonly code: string,
    message: string,
    { hint, cause }: TransportErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** What failures of the system mean; the first that fits. */
const meanings: ReadonlyArray<readonly [code: RegExp, meaning: string]> = [
  [/enotfound|eai_|dns/, "its host name can't be resolved"],
  [/refused/, "nothing listens at its address"],
  [/unreach|eaddrnotavail|enetdown|ehostdown/, "there is no way to its address"],
  [/has_expired/, "its TLS certificate has expired"],
  [/not_yet_valid/, "its TLS certificate is not valid yet"],
  [/altname/, "its TLS certificate is for another name"],
  [/depth_zero_self_signed/, "its TLS certificate is self-signed"],
  [/self_signed|unable_to|issuer|untrusted/, "its TLS certificate is from a CA that is not trusted here"],
  [/cert|verify|invalid_purpose|invalid_ca/, "its TLS certificate is not trusted"],
  [/wrong_version_number|http_request/, "it does not speak TLS"],
  [/ssl|tls/, "no TLS session came about with it"],
  [/closed|reset|epipe|und_err_socket/, "it closed the connection"],
];

/** Codes of failures that are about the CA that issued a certificate. */
const strangers = /self_signed|unable_to|untrusted/;

/**
 * Says what a failure of the system means, for somebody who doesn't know its codes.
 *
 * @param code - The system's name for it, in lower case.
 */
export function describeSystemCode(code: string): string {
  const [, meaning] = meanings.find(([test]) => test.test(code)) ?? [];
  if (meaning === undefined) return `the connection failed (${code})`;
  return meaning.includes("TLS") ? `${meaning} (${code})` : meaning;
}

/**
 * Whether a failure comes from a certificate that an unknown CA has issued.
 *
 * @param code - The system's name for it, in lower case.
 */
export function isUnknownAuthority(code: string): boolean {
  return strangers.test(code);
}

/**
 * The system's name for a failure, in lower case; empty where it has none.
 *
 * @param thrown - What a socket or the HTTP client threw.
 */
export function systemCodeOf(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return typeof code === "string" ? code.toLowerCase() : "";
}
