import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { CertificateError } from "../errors.ts";

/** A name that a certificate can be valid for: a `dNSName` or an `iPAddress` (RFC 5280, section 4.2.1.6). */
export interface HostName {
  kind: "dns" | "ip";
  /** A DNS name in lower-case ASCII, perhaps with a leading `*.`; or an address in its shortest text. */
  value: string;
}

/** The shortest text of an address, bracketed or not (RFC 5952); undefined for anything else. */
function canonicalAddress(text: string): string | undefined {
  const bracketed = text.startsWith("[") && text.endsWith("]");
  const bare = bracketed ? text.slice(1, -1) : text;
  if (isIP(bare) === 4) return bracketed ? undefined : bare;
  if (isIP(bare) !== 6 || bare.includes("%")) return undefined;
  return new URL(`http://[${bare}]/`).hostname.slice(1, -1);
}

function checkLabels(name: string): string | undefined {
  const labels = name.split(".");
  if (labels.includes("")) return "a label is empty";
  const long = labels.find((label) => label.length > 63);
  if (long !== undefined) return `the label ${long} is longer than 63 characters`;
  const hyphened = labels.find((label) => label.startsWith("-") || label.endsWith("-"));
  if (hyphened !== undefined) return `the label ${hyphened} begins or ends with a hyphen`;
  if (/^\d+$/.test(labels.at(-1) ?? "")) return "it looks like an IP address, and is none";
  return undefined;
}

function checkCharacters(text: string): string | undefined {
  const [odd] = /[^a-z0-9.\-\u{80}-\u{10ffff}]/iu.exec(text) ?? [];
  return odd === undefined ? undefined : `${JSON.stringify(odd)} can't be in one`;
}

/** Reads a name, or says why it is none. */
function readHostName(text: string): HostName | string {
  const trimmed = text.trim();
  if (trimmed === "") return "it is empty";
  const address = canonicalAddress(trimmed);
  if (address !== undefined) return { kind: "ip", value: address };

  const wildcard = trimmed.startsWith("*.");
  const base = trimmed.slice(wildcard ? 2 : 0).replace(/\.$/, "");
  const wrong = checkCharacters(base) ?? checkLabels(base);
  if (wrong !== undefined) return wrong;
  const ascii = domainToASCII(base);
  if (ascii === "") return "it can't be written in punycode";
  const wrongAscii = checkLabels(ascii);
  if (wrongAscii !== undefined) return wrongAscii;
  if (wildcard && !ascii.includes(".")) return "verifiers accept a wildcard only above two labels or more";
  const value = wildcard ? `*.${ascii}` : ascii;
  return value.length > 253 ? `it has ${value.length} characters; 253 are allowed` : { kind: "dns", value };
}

/**
 * Reads a host name or IP address as a certificate needs it: internationalised names become punycode (RFC 5891), one
 * dot at the end is dropped, a wildcard may be the whole leftmost label (RFC 6125, section 6.4.3).
 *
 * @param text - A DNS name, an IPv4 address, or an IPv6 address with or without brackets.
 * @throws CertificateError HOST_NAME_INVALID, naming the text and what is wrong with it.
 */
export function parseHostName(text: string): HostName {
  const name = readHostName(text);
  if (typeof name !== "string") return name;
  throw new CertificateError("HOST_NAME_INVALID", `${JSON.stringify(text)} is not a host name: ${name}`, {
    hint: "Give a DNS name, a wildcard such as *.example.org, or an IP address, without a scheme, port or path.",
  });
}

/** Whether a text can be a name in a certificate. */
export function isHostName(text: string): boolean {
  return typeof readHostName(text) !== "string";
}

/**
 * Reads several host names and drops repetitions; the order stays.
 *
 * @throws CertificateError HOST_NAME_INVALID for the first that is none.
 */
export function parseHostNames(texts: readonly string[]): HostName[] {
  const names = new Map<string, HostName>();
  for (const name of texts.map(parseHostName)) {
    if (!names.has(name.value)) names.set(name.value, name);
  }
  return [...names.values()];
}

/** Whether it is the address that a server binds to be reached on all of them, and that no client dials. */
export function isUnspecifiedAddress(host: string): boolean {
  const address = canonicalAddress(host);
  return address === "0.0.0.0" || address === "::";
}

/**
 * The bytes of an address in network order: 4 of IPv4, 16 of IPv6.
 *
 * @param address - An address as {@link parseHostName} gives it.
 */
export function addressBytes(address: string): Uint8Array<ArrayBuffer> {
  if (isIP(address) === 4) return Uint8Array.from(address.split("."), Number);
  const [head = [], tail = []] = address.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill("0"), ...tail];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
}

/**
 * The text of an address, as short as it goes (RFC 5952).
 *
 * @param bytes - In network order.
 * @returns Undefined when they are neither 4 nor 16.
 */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return undefined;
  const groups = Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? [];
  return canonicalAddress(groups.join(":"));
}

/**
 * The text of a network, as a constraint on addresses holds it: an address and its mask (RFC 5280, section 4.2.1.10).
 *
 * @returns `ADDRESS/BITS`, or `ADDRESS/MASK` where the mask has gaps; undefined when the bytes are neither 8 nor 32.
 */
export function networkText(bytes: Uint8Array): string | undefined {
  const [address, mask] = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)];
  const text = bytes.length % 2 === 0 ? addressText(address) : undefined;
  if (text === undefined) return undefined;
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return `${text}/${/^1*0*$/.test(bits) ? bits.replaceAll("0", "").length : addressText(mask)}`;
}

/** A name as two of them are compared: never fails, unlike {@link parseHostName}. */
export function normaliseHost(host: string): string {
  const bare = host.trim().replace(/\.$/, "");
  const wildcard = bare.startsWith("*.") ? "*." : "";
  const rest = bare.slice(wildcard.length);
  const ascii = /[\u{80}-\u{10ffff}]/u.test(rest) ? domainToASCII(rest) : "";
  return canonicalAddress(rest) ?? wildcard + (ascii || rest.toLowerCase());
}

/**
 * Whether a certificate is valid for a host (RFC 6125, section 6.4): a wildcard stands for exactly one label.
 *
 * @param names - The names in the certificate.
 * @param host - The host a client dials, or a wildcard that must be in the certificate itself.
 */
export function coversHost(names: readonly string[], host: string): boolean {
  const wanted = normaliseHost(host);
  const parent = isIP(wanted) === 0 ? wanted.slice(wanted.indexOf(".") + 1) : undefined;
  return names.map(normaliseHost).some((name) => name === wanted || (wanted.includes(".") && name === `*.${parent}`));
}
