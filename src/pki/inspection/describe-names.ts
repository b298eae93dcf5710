import { domainToUnicode } from "node:url";
import { derTags } from "../encoding/der.ts";
import type { DerNode } from "../encoding/der-tree.ts";
import { hexOf } from "../encoding/der-values.ts";
import { decodeUtf8, describeName } from "../encoding/name.ts";
import { objectIdIn } from "../encoding/node-values.ts";
import { generalNameTags } from "../files/certificate-fields.ts";
import { addressText, networkText } from "../host-names.ts";

/** What a certificate is for, or a CA may issue for: a GeneralName (RFC 5280, section 4.2.1.6). */
export interface AlternativeName {
  /** `damaged` is one that can't be decoded, and `other` one that has no text. */
  kind: "dns" | "ip" | "uri" | "email" | "directory" | "registered" | "other" | "damaged";
  /** Its text. Of a constraint on addresses `ADDRESS/BITS`; where there is no text, hexadecimal. */
  value: string;
  /** The Unicode form of an internationalised DNS name (RFC 5890). */
  unicode?: string;
}

function describeDns(contents: Uint8Array): AlternativeName {
  const value = decodeUtf8(contents);
  const unicode = /(^|\.)xn--/i.test(value) ? domainToUnicode(value) : "";
  return { kind: "dns", value, ...(unicode === "" || unicode === value ? {} : { unicode }) };
}

function describeDirectory(node: DerNode): AlternativeName {
  const [name] = node.children;
  if (name?.tag !== derTags.sequence) return damaged(node, "directory name");
  return { kind: "directory", value: describeName(name).text };
}

function damaged({ contents }: DerNode, what: string): AlternativeName {
  return { kind: "damaged", value: `${what} of ${contents.length} bytes: ${hexOf(contents.subarray(0, 64))}` };
}

/**
 * Describes a GeneralName.
 *
 * @param form - Whether an address stands with a mask, as in a constraint.
 */
export function describeGeneralName(node: DerNode, form: "name" | "constraint"): AlternativeName {
  const { tag, contents } = node;
  if (tag === generalNameTags.email) return { kind: "email", value: decodeUtf8(contents) };
  if (tag === generalNameTags.dns) return describeDns(contents);
  if (tag === generalNameTags.directory) return describeDirectory(node);
  if (tag === generalNameTags.uri) return { kind: "uri", value: decodeUtf8(contents) };
  if (tag === generalNameTags.address) {
    const text = form === "name" ? addressText(contents) : networkText(contents);
    return text === undefined ? damaged(node, "IP address") : { kind: "ip", value: text };
  }
  if (tag === generalNameTags.registered) {
    const id = objectIdIn({ ...node, tag: derTags.objectIdentifier });
    return id === undefined ? damaged(node, "registered ID") : { kind: "registered", value: id };
  }
  if (tag === generalNameTags.other) {
    const id = objectIdIn(node.children[0]);
    return id === undefined ? damaged(node, "other name") : { kind: "other", value: `${id} ${hexOf(contents)}` };
  }
  return damaged(node, "name of an unknown kind");
}
