import { z } from "zod";
import { field, optionalPath } from "./field.ts";

/** Connections to a provider that are open at the same time, where its entry does not say how many. */
export const usualConnections = 1000;

/** Seconds that hold where a provider's entry does not say others. */
export const usualTimeouts = {
  connect_seconds: 10,
  first_byte_seconds: 30,
  between_chunks_seconds: 30,
  call_seconds: 300,
} as const;

/** The name of a header (RFC 9110, section 5.6.2). */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Its value in visible ASCII (RFC 9110, section 5.5). */
const headerValue = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** The user and password of an address are percent-encoded (RFC 3986, section 3.2.1). */
function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== "";
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** A proxy has nothing behind its host and port. */
function isProxy(text: string): boolean {
  if (text === "none") return true;
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url?.pathname !== "/" || /[?#]/.test(text)) return false;
  return [url.username, url.password].every((part) => part === "" || isDecodable(part));
}

const timeout = (name: keyof typeof usualTimeouts, description: string) =>
  field(z.number().min(0.05).max(3600).optional(), {
    description,
    unit: "seconds",
    fallback: String(usualTimeouts[name]),
  });

/** What a provider's entry says of the way to it. */
export const access = {
  proxy: field(z.string().refine(isProxy).nullish(), {
    description: "Proxy on the way to it; none goes without one",
    allowed: "an http or https address such as http://user:password@proxy:3128, or none",
    fallback: "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY",
  }),
  ca_file: field(optionalPath(), {
    description: "PEM file with CAs that are trusted for it beside the system's",
    path: true,
  }),
  headers: field(
    z
      .record(
        z.string().regex(headerName),
        field(z.string().regex(headerValue), {
          description: "The header's value",
          allowed: "one line of visible ASCII characters",
          secret: true,
        }),
      )
      .optional(),
    {
      description: "Headers that are sent with every request to it; their values are secrets",
      allowed: "a map of header names (RFC 9110, section 5.6.2)",
    },
  ),
  max_connections: field(z.int().min(1).max(100_000).optional(), {
    description: "Connections to it that are open at the same time",
    fallback: String(usualConnections),
  }),
  timeouts: z
    .strictObject({
      connect_seconds: timeout("connect_seconds", "Time until a connection stands, its TLS included"),
      first_byte_seconds: timeout("first_byte_seconds", "Time until a streamed answer begins"),
      between_chunks_seconds: timeout("between_chunks_seconds", "Time between two pieces of a streamed answer"),
      call_seconds: timeout("call_seconds", "Time that one attempt to get an answer may take as a whole"),
    })
    .optional(),
};
