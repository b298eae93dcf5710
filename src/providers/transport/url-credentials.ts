/** User and password that are written in a URL. */
export interface UrlCredentials {
  user: Buffer;
  password: Buffer;
}

/** What is escaped need not be UTF-8. */
function unescaped(text: string): Buffer {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1");
}

/**
 * Reads user and password out of a URL.
 *
 * @returns Undefined where it has neither.
 */
export function credentialsIn({ username, password }: URL): UrlCredentials | undefined {
  return username === "" && password === "" ? undefined : { user: unescaped(username), password: unescaped(password) };
}

/**
 * The value of Authorization or Proxy-Authorization for user and password (RFC 7617).
 *
 * @param credentials - As they are in the URL.
 */
export function basicAuthorization({ user, password }: UrlCredentials): string {
  return `Basic ${Buffer.concat([user, Buffer.from(":"), password]).toString("base64")}`;
}
