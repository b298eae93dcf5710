import { defineCommand } from "citty";
import { readCertificates, summariseLeaf } from "../../pki/files/certificate-file.ts";
import { requireCa } from "../../pki/private-ca/private-ca.ts";
import { privateCaFiles } from "../../pki/private-ca/private-ca-files.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { caDirArg, caDirectory } from "../certificate-flags.ts";
import { formatEnd } from "../certificate-report.ts";
import type { Meta } from "../invoke.ts";
import { output } from "../output.ts";

const meta: Meta = {
  name: "export-bundle",
  description: "Prints the root's certificate in PEM: the one thing that clients need",
  example: "vibectl-server ca export-bundle --output company-root.crt",
};

/** `ca export-bundle`: gives out what clients trust. */
export const exportBundle = defineCommand({
  meta,
  args: {
    ...caDirArg,
    output: { type: "string", valueHint: "file", description: "File to write it to; stdout when left out" },
  },
  async run({ args: flags }) {
    const directory = caDirectory(flags);
    await requireCa(directory);
    const [root] = await readCertificates(privateCaFiles(directory).root.certFile);
    const text = root.toString();
    if (flags.output === undefined) return output.line(text.trimEnd());
    await writeFileAtomically(flags.output, text, { mode: 0o644, clobber: true });
    const { subject, notAfter } = summariseLeaf(root);
    output.note(`Wrote the certificate of ${subject} to ${flags.output}; it is valid until ${formatEnd(notAfter)}`);
  },
});
