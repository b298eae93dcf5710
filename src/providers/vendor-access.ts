import { ConfigurationError } from "../errors.ts";
import type { TransportSettings } from "./settings.ts";
import { credentialsIn } from "./transport/url-credentials.ts";

/**
 * The key of a vendor that answers nobody without one.
 *
 * @throws ConfigurationError when there is none: the AI SDK would go and look for one in the environment.
 */
export function requiredKey({ name, key }: { name: string; key?: string }): string {
  if (key) return key;
  throw new ConfigurationError(`The provider ${name} has no API key`, {
    hint: `Set providers.${name}.key_file to a file that holds the key.`,
  });
}

/**
 * The address of a vendor's API. One that names only the host gets the path that the vendor's own has.
 *
 * @param baseUrl - What the configuration says, if anything.
 * @param standard - The vendor's own address.
 */
export function apiUrl(baseUrl: string | undefined, standard: string): string {
  if (baseUrl === undefined) return standard;
  const trimmed = baseUrl.replace(/\/+$/, "");
  return URL.parse(trimmed)?.pathname === "/" ? `${trimmed}${new URL(standard).pathname}` : trimmed;
}

/** User and password of a URL as they were meant, and as they are written in it. */
function credentialsOf(address: string | undefined): string[] {
  const url = address === undefined ? null : URL.parse(address);
  const { user, password } = (url && credentialsIn(url)) ?? {};
  return [url?.username, url?.password, user, password].flatMap((each) => (each === undefined ? [] : [String(each)]));
}

/**
 * What nobody may get to see of a provider's settings.
 *
 * @param settings - Its key, the values of its headers, and its proxy's user and password are secrets.
 */
export function secretsOf({ key, headers = {}, proxy }: TransportSettings & { key?: string }): (string | undefined)[] {
  return [key, ...Object.values(headers), ...credentialsOf(proxy)];
}
