import type { X509Certificate } from "node:crypto";
import { OctetString } from "asn1js";
import { Certificate, GeneralName, GeneralSubtree, NameConstraints } from "pkijs";
import { CertificateError } from "../../errors.ts";
import { extensionIds } from "../encoding/object-ids.ts";
import { addressBytes, type HostName, networkText, parseHostName } from "../host-names.ts";

const dnsType = 2;
const addressType = 7;

/** Every address, as an `iPAddress` constraint holds it: an address and a mask of zeros (RFC 5280, section 4.2.1.10). */
const everyAddress = [new Uint8Array(8), new Uint8Array(32)];

function domainSubtree(domain: string): GeneralSubtree {
  return new GeneralSubtree({ base: new GeneralName({ type: dnsType, value: domainOf(domain) }) });
}

function addressSubtree({ buffer }: Uint8Array<ArrayBuffer>): GeneralSubtree {
  const value = new OctetString({ valueHex: buffer });
  return new GeneralSubtree({ base: new GeneralName({ type: addressType, value }) });
}

function domainOf(text: string): string {
  const name = parseHostName(text.replace(/^(\*?\.)/, ""));
  if (name.kind === "dns") return name.value;
  throw new CertificateError("HOST_NAME_INVALID", `${JSON.stringify(text)} is an address, not a domain`, {
    hint: "Name a domain, such as example.org. Below constraints on addresses, gRPC's own verifier takes no certificate that names one.",
  });
}

/**
 * The constraints of a CA. Addresses are excluded: a name of a kind that no constraint speaks of would be permitted (RFC
 * 5280, section 4.2.1.10).
 *
 * @param domains - DNS names, each permitted with everything below it.
 * @returns A NameConstraints in DER; undefined where nothing is constrained.
 * @throws CertificateError HOST_NAME_INVALID for a domain that is none.
 */
export function encodeNameConstraints(domains: readonly string[] = []): ArrayBuffer | undefined {
  if (domains.length === 0) return undefined;
  const constraints = new NameConstraints({
    permittedSubtrees: domains.map(domainSubtree),
    excludedSubtrees: everyAddress.map(addressSubtree),
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
  const extension = extensions.find(({ extnID }) => extnID === extensionIds.nameConstraints);
  return extension && Uint8Array.from(extension.extnValue.valueBlock.valueHexView).buffer;
}

function readConstraints(certificate: X509Certificate): NameConstraints | undefined {
  const constraints = constraintsIn(certificate);
  return constraints && NameConstraints.fromBER(constraints);
}

function describe(constraints: readonly Constraint[]): string {
  const names = constraints.map((each) => (each.kind === "dns" ? each.domain : (networkText(each.bytes) ?? "?")));
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
