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

const none: PermittedNames = { domains: [], networks: [] };
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
 * @returns A NameConstraints in DER; undefined where nothing is constrained.
 * @throws CertificateError HOST_NAME_INVALID for a domain or network that is none.
 */
export function encodeNameConstraints({ domains, networks }: PermittedNames = none): ArrayBuffer | undefined {
  if (domains.length + networks.length === 0) return undefined;
  const permitted = [...domains.map(domainSubtree), ...networks.map(networkSubtree)];
  const excluded = ["0.0.0.0/0", "::/0"].filter(
    (all) => !networks.some((each) => each.includes(":") === all.includes(":")),
  );
  const constraints = new NameConstraints({
    permittedSubtrees: permitted,
    ...(excluded.length > 0 ? { excludedSubtrees: excluded.map(networkSubtree) } : {}),
  });
  return constraints.toSchema().toBER();
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

/** The NameConstraints of a certificate in DER. They may hold what this server never writes. */
export function constraintsIn(certificate: X509Certificate): ArrayBuffer | undefined {
  const { extensions = [] } = Certificate.fromBER(Uint8Array.from(certificate.raw));
  const extension = extensions.find(({ extnID }) => extnID === extensionId);
  return extension && Uint8Array.from(extension.extnValue.valueBlock.valueHexView).buffer;
}

function readConstraints(certificate: X509Certificate): NameConstraints | undefined {
  const constraints = constraintsIn(certificate);
  return constraints && NameConstraints.fromBER(constraints);
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

function describe(constraints: readonly Constraint[]): string {
  const names = constraints.map((each) => (each.kind === "dns" ? each.domain : networkOf(each.bytes)));
  return names.join(", ") || "nothing of their kind";
}

/** OpenSSL's own rule, without its case for a dot beside a hyphen. */
const looksLikeHost = /^\w[\w-]*(\.[\w-]+)*\.[\w-]*\w$/;

/** A leaf's names and, where none of them is a DNS name, the common names that OpenSSL takes for one. */
function heldNames(names: readonly HostName[], commonNames: readonly string[]): readonly HostName[] {
  if (names.some(({ kind }) => kind === "dns")) return names;
  const hosts = commonNames.filter((name) => looksLikeHost.test(name));
  return [...names, ...hosts.map((value) => ({ kind: "dns" as const, value: value.toLowerCase() }))];
}

/**
 * Makes sure that a CA may issue for names, so that no certificate is made that verifiers refuse.
 *
 * @param names - The host names of a leaf.
 * @param commonNames - Those of its subject.
 * @param authority - The CA's certificate.
 * @throws CertificateError HOST_NAME_NOT_PERMITTED for the names that its constraints don't permit.
 */
export function checkPermitted(
  names: readonly HostName[],
  commonNames: readonly string[],
  authority: X509Certificate,
): void {
  const constraints = readConstraints(authority);
  if (!constraints) return;
  const permitted = constraintsOf(constraints.permittedSubtrees);
  const excluded = constraintsOf(constraints.excludedSubtrees);
  const refused = heldNames(names, commonNames).filter((name) => !isPermitted(name, permitted, excluded));
  if (refused.length === 0) return;
  const choice = names.length > 0 ? "choose a name there" : "choose a name there or one without a dot";
  const values = refused.map(({ value }) => value).join(", ");
  throw new CertificateError("HOST_NAME_NOT_PERMITTED", `The CA may not issue for ${values}`, {
    hint: `Its name constraints permit ${describe(permitted)}; ${choice}, or make a CA that permits others.`,
  });
}
