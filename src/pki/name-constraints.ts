import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { OctetString } from "asn1js";
import { Certificate, GeneralName, GeneralSubtree, NameConstraints } from "pkijs";
import { CertificateError } from "../errors.ts";
import { addressBytes, type HostName, parseHostName } from "./host-names.ts";

/** The names that a CA may issue certificates for. */
export interface PermittedNames {
  /** DNS names, each with everything below it. */
  domains: readonly string[];
  /** Networks as `ADDRESS/BITS`. With none, no address is permitted. */
  networks: readonly string[];
}

const extensionId = "2.5.29.30";
const dnsType = 2;
const addressType = 7;

/** An address and a mask, as an `iPAddress` constraint holds them (RFC 5280, section 4.2.1.10). */
function networkBytes(network: string): Uint8Array<ArrayBuffer> {
  const [address = "", bits = "", ...rest] = network.split("/");
  const length = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : 0;
  if (length === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > length) {
    throw new CertificateError("HOST_NAME_INVALID", `${JSON.stringify(network)} is no network`, {
      hint: "Write an address and the bits of its prefix, such as 10.0.0.0/8 or fd00::/8.",
    });
  }
  const mask = Uint8Array.from({ length: length / 8 }, (_, index) => {
    const ones = Math.min(8, Math.max(0, Number(bits) - 8 * index));
    return (0xff << (8 - ones)) & 0xff;
  });
  const prefix = addressBytes(parseHostName(address).value).map((byte, index) => byte & (mask[index] ?? 0));
  return Uint8Array.of(...prefix, ...mask);
}

function domainSubtree(domain: string): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName({ type: dnsType, value: domainOf(domain) }) });
}

function networkSubtree(network: string): GeneralSubtree {
  const value = new OctetString({ valueHex: networkBytes(network).buffer });
  return new GeneralSubtree({ base: new GeneralName({ type: addressType, value }) });
}

function domainOf(text: string): string {
  const name = parseHostName(text.replace(/^(\*?\.)/, ""));
  if (name.kind === "dns") return name.value;
  throw new CertificateError("HOST_NAME_INVALID", `${JSON.stringify(text)} is an address, not a domain`, {
    hint: "Permit addresses as a network, such as 10.0.0.0/8.",
  });
}

/**
 * The constraints of a CA. Where it may issue for no address at all, addresses are excluded: a name of a kind that no
 * constraint speaks of would be permitted (RFC 5280, section 4.2.1.10).
 *
 * @throws CertificateError HOST_NAME_INVALID for a domain or network that is none.
 */
export function buildNameConstraints({ domains, networks }: PermittedNames): NameConstraints {
  const permitted = [...domains.map(domainSubtree), ...networks.map(networkSubtree)];
  const excluded = ["0.0.0.0/0", "::/0"].filter(
    (all) => !networks.some((each) => each.includes(":") === all.includes(":")),
  );
  return new NameConstraints({
    permittedSubtrees: permitted,
    ...(excluded.length > 0 ? { excludedSubtrees: excluded.map(networkSubtree) } : {}),
  });
}

/** A constraint as it lies in a certificate. */
type Constraint = { kind: "dns"; domain: string } | { kind: "ip"; bytes: Uint8Array };

function constraintsOf(subtrees: readonly GeneralSubtree[] | undefined): Constraint[] {
  return (subtrees ?? []).flatMap(({ base }): Constraint[] => {
    if (base.type === dnsType) return [{ kind: "dns", domain: String(base.value).toLowerCase() }];
    if (base.type !== addressType) return [];
    return [{ kind: "ip", bytes: (base.value as OctetString).valueBlock.valueHexView }];
  });
}

function falls(name: HostName, constraint: Constraint): boolean {
  if (constraint.kind === "dns") {
    const domain = constraint.domain.replace(/^\./, "");
    return domain === "" || name.value === domain || name.value.endsWith(`.${domain}`);
  }
  const address = addressBytes(name.value);
  const { bytes } = constraint;
  if (bytes.length !== address.length * 2) return false;
  return address.every((byte, index) => {
    const mask = bytes[address.length + index] ?? 0;
    return (byte & mask) === ((bytes[index] ?? 0) & mask);
  });
}

/** IPv4 and IPv6 addresses are one kind of name. */
function isPermitted(name: HostName, permitted: readonly Constraint[], excluded: readonly Constraint[]): boolean {
  const ofKind = (constraint: Constraint) => constraint.kind === name.kind;
  const allowed = permitted.filter(ofKind);
  if (allowed.length > 0 && !allowed.some((constraint) => falls(name, constraint))) return false;
  return !excluded.filter(ofKind).some((constraint) => falls(name, constraint));
}

function readConstraints(certificate: X509Certificate): NameConstraints | undefined {
  const { extensions = [] } = Certificate.fromBER(Uint8Array.from(certificate.raw));
  const constraints = extensions.find(({ extnID }) => extnID === extensionId)?.parsedValue;
  return constraints instanceof NameConstraints ? constraints : undefined;
}

function networkOf(bytes: Uint8Array): string {
  const half = bytes.length / 2;
  const bits = bytes.slice(half).reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  const address = [...bytes.slice(0, half)];
  const groups = address.flatMap((byte, index) =>
    index % 2 === 0 ? [((byte << 8) | (address[index + 1] ?? 0)).toString(16)] : [],
  );
  return `${half === 4 ? address.join(".") : parseHostName(groups.join(":")).value}/${bits}`;
}

/**
 * The names that a CA is held to.
 *
 * @returns Undefined for all.
 */
export function permittedNames(authority: X509Certificate): PermittedNames | undefined {
  const constraints = constraintsOf(readConstraints(authority)?.permittedSubtrees);
  if (constraints.length === 0) return undefined;
  return {
    domains: constraints.flatMap((each) => (each.kind === "dns" ? [each.domain] : [])),
    networks: constraints.flatMap((each) => (each.kind === "ip" ? [networkOf(each.bytes)] : [])),
  };
}

/**
 * Makes sure that a CA may issue for names, so that no certificate is made that every verifier refuses.
 *
 * @param authority - The CA's certificate.
 * @throws CertificateError HOST_NAME_NOT_PERMITTED for the names that its constraints don't permit.
 */
export function checkPermitted(names: readonly HostName[], authority: X509Certificate): void {
  const constraints = readConstraints(authority);
  if (!constraints) return;
  const permitted = constraintsOf(constraints.permittedSubtrees);
  const excluded = constraintsOf(constraints.excludedSubtrees);
  const refused = names.filter((name) => !isPermitted(name, permitted, excluded)).map(({ value }) => value);
  if (refused.length === 0) return;
  const { domains = [], networks = [] } = permittedNames(authority) ?? {};
  const allowed = [...domains, ...networks].join(", ") || "nothing of their kind";
  throw new CertificateError("HOST_NAME_NOT_PERMITTED", `The CA may not issue for ${refused.join(", ")}`, {
    hint: `Its name constraints permit ${allowed}; choose a name there, or make a CA that permits others.`,
  });
}
