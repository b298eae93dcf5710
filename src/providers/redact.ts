/** Makes a provider's words fit to be shown: see {@link createRedactor}. */
export type Redactor = (text: string) => string;

const mask = "[redacted]";
const longest = 500;
/** Nothing beyond this is looked at: an error page can have any size. */
const considered = 8 * longest;

const patterns: ReadonlyArray<readonly [pattern: RegExp, replacement: string]> = [
  // User and password of a URL.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]+@/gi, `$1${mask}@`],
  // Parameters of a URL that carry credentials.
  [/([?&](?:[\w-]*(?:key|token|secret|password|signature|credential)[\w-]*|sig|auth)=)[^\s&"'<>)]+/gi, `$1${mask}`],
  // A header or a field that carries a credential.
  [
    /((?:x-)?(?:goog-)?(?:api[-_ ]?key|authorization|access[-_ ]?token|client[-_ ]?secret|password)["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"',;}\]]+/gi,
    `$1${mask}`,
  ],
  [/\b(bearer\s+)[\w.~+/=*-]{6,}/gi, `$1${mask}`],
  // A JWT (RFC 7519): three parts of base64url, the first of which begins with `{"`.
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, mask],
  // Keys by the prefixes that vendors give them, also where the vendor masked a part of them.
  [/\b(?:sk|pk|rk|xai|gsk|csk|hf|pplx|nvapi|glpat|gh[oprsu])[-_][\w*.-]{6,}[\w*]/g, mask],
  [/\b(?:AIza[\w-]{10,}|AKIA[A-Z0-9]{12,}|ya29\.[\w-]{10,})/g, mask],
  // The vendor's names for a request or an answer, which may be somebody else's.
  [/((?:request|trace|correlation)[-_ ]?id["'`]?\s*(?:is|[:=(])?\s*["'`(]?)(?=[\w-]*\d)[\w-]{6,}/gi, `$1${mask}`],
  [/\b(?:req|resp|msg|chatcmpl)[-_](?=[\w-]*\d)[\w-]{6,}/g, mask],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, mask],
  // The vendor's names for the account.
  [/\b(?:org|proj)[-_](?=\w*\d)\w{8,}\b/g, mask],
  // Any long run that mixes letters and digits.
  [/\b(?=\w*\d)(?=\w*[A-Za-z])\w{32,}\b/g, mask],
];

/** A key as it may come back: as it was sent, in a URL, in JSON. A very short one is only replaced as a whole word. */
function formsOf(secret: string): RegExp[] {
  const forms = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]);
  return [...forms].map((form) =>
    form.length < 6
      ? new RegExp(`(?<![\\w-])${RegExp.escape(form)}(?![\\w-])`, "g")
      : new RegExp(RegExp.escape(form), "g"),
  );
}

/**
 * Makes a function that takes given secrets out of a text, and nothing else.
 *
 * @param secrets - Texts that may appear nowhere; absent and empty ones are passed over.
 */
export function createSecretMask(secrets: ReadonlyArray<string | undefined>): Redactor {
  const exact = secrets.flatMap((secret) => (secret ? formsOf(secret) : []));
  return (text) => exact.reduce((clean, form) => clean.replace(form, mask), text);
}

/**
 * Makes a function that takes out of a text whatever nobody may see: the given secrets, anything that looks like an API
 * key, a bearer token or a JWT, and credentials in URLs. What is left is one line of at most 500 characters.
 *
 * @param secrets - Texts that may appear nowhere; absent and empty ones are passed over.
 */
export function createRedactor(secrets: ReadonlyArray<string | undefined>): Redactor {
  const withoutSecrets = createSecretMask(secrets);
  return (text) => {
    // A word that is cut in two could be the half of a key that no pattern knows.
    let clean = withoutSecrets(text.length > considered ? text.slice(0, considered).replace(/\S*$/, "") : text);
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    clean = clean.replace(/[\s\p{Cc}]+/gu, " ").trim();
    return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
  };
}
