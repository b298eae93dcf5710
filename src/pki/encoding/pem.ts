/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** What the BEGIN line says it is, such as `CERTIFICATE`. */
  label: string;
  /** The whole block, BEGIN and END lines included, with plain line ends. */
  text: string;
}

/**
 * Writes bytes as one PEM block (RFC 7468).
 *
 * @param label - What the block holds, such as `PRIVATE KEY`.
 * @param der - Its bytes.
 */
export function encodePem(label: string, der: ArrayBuffer | Uint8Array): string {
  const lines = Buffer.from(der instanceof Uint8Array ? der : new Uint8Array(der))
    .toString("base64")
    .replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/**
 * Finds the blocks of a PEM text. What stands between them is no part of them (RFC 7468, section 2); any line ends and
 * indentation do.
 *
 * @returns The blocks, or undefined when a BEGIN line lacks its END line.
 */
export function parsePem(text: string): PemBlock[] | undefined {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const blocks: PemBlock[] = [];
  let open: { label: string; lines: string[] } | undefined;
  for (const line of lines) {
    const [, edge, label] = /^-----(BEGIN|END) ([^-]+)-----$/.exec(line) ?? [];
    if (edge === "BEGIN" && label !== undefined) {
      if (open) return undefined;
      open = { label, lines: [line] };
    } else if (open) {
      open.lines.push(line);
      if (edge === "END") {
        if (label !== open.label) return undefined;
        blocks.push({ label, text: `${open.lines.join("\n")}\n` });
        open = undefined;
      }
    }
  }
  return open ? undefined : blocks;
}

/** What a block holds, for a person. */
export function describeLabel(label: string): string {
  if (/^(X509 |TRUSTED )?CERTIFICATE$/.test(label)) return "a certificate";
  if (/^(NEW )?CERTIFICATE REQUEST$/.test(label)) return "a certificate request";
  if (/PRIVATE KEY$/.test(label)) return "a private key";
  if (/PUBLIC KEY$/.test(label)) return "a public key";
  return `"${label}"`;
}
