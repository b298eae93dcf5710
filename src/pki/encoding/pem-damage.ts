import type { PemBlock } from "./pem.ts";

const edge = /^\s*-----(BEGIN|END) ([^-]+)-----\s*$/;

/**
 * Says where the BEGIN and END lines of a text don't fit.
 *
 * @param text - One that {@link parsePem} gives undefined for.
 * @returns What follows the file's name.
 */
export function describeTear(text: string): string {
  let open: { label: string; line: number } | undefined;
  for (const [index, content] of text.split(/\r\n|\r|\n/).entries()) {
    const [, kind, label = ""] = edge.exec(content) ?? [];
    const line = index + 1;
    if (kind === "BEGIN") {
      if (open)
        return `is damaged: the BEGIN line in line ${open.line} lacks its END line; the next begins in line ${line}`;
      open = { label, line };
    } else if (kind === "END" && open) {
      if (open.label !== label)
        return `is damaged: line ${open.line} begins "${open.label}", and line ${line} ends "${label}"`;
      open = undefined;
    }
  }
  return `is cut off: the BEGIN line in line ${open?.line} lacks its END line`;
}

/** The bytes that the first element of an encoding takes (X.690, section 8.1.3); undefined where it does not say. */
function lengthOf(der: Uint8Array): number | undefined {
  const [tag, first = 0] = der;
  if (tag !== 0x30 || first === 0x80) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first - 0x80;
  return der.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0) + 2 + count;
}

/** What stands between the edges of a block and behind its headers (RFC 1421, section 4.6), without line ends. */
function bodyOf({ text }: PemBlock): { base64: string; encrypted: boolean } {
  const inner = text.replaceAll(/^-----.*-----$/gm, "").trim();
  const headers = /^[\w-]+: [\s\S]*?\n\n/.exec(inner)?.[0] ?? "";
  return { base64: inner.slice(headers.length).replaceAll(/\s/g, ""), encrypted: headers !== "" };
}

const wellFormed = /^[A-Za-z0-9+/]+={0,2}$/;

/** The bytes of a block that is not encrypted; undefined where its base64 is damaged. */
export function bytesOf(block: PemBlock): Uint8Array | undefined {
  const { base64, encrypted } = bodyOf(block);
  const isWhole = !encrypted && base64.length % 4 === 0 && wellFormed.test(base64);
  return isWhole ? Buffer.from(base64, "base64") : undefined;
}

/**
 * Says why a block certainly can't be decoded.
 *
 * @returns What follows "as"; undefined where nothing is seen from outside.
 */
export function describeDamage(block: PemBlock): string | undefined {
  const { base64 } = bodyOf(block);
  if (base64 === "") return "nothing stands between its BEGIN and END lines";
  if (!wellFormed.test(base64)) return "it has characters that are no base64";
  if (base64.length % 4 !== 0) return `its base64 is cut off: ${base64.length} characters are no multiple of 4`;
  const der = bytesOf(block);
  const length = der && lengthOf(der);
  if (!der || length === undefined || length === der.length) return undefined;
  if (length > der.length) return `only ${der.length} of its ${length} bytes are there`;
  // Behind a key, the runtime passes over them.
  return block.label.endsWith("CERTIFICATE") ? `${der.length - length} bytes follow its end` : undefined;
}
