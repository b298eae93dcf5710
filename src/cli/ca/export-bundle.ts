import { defineCommand } from "citty";
import { CertificateError } from "../../errors.ts";
import { readCertificates, subjectOf } from "../../pki/files/certificate-file.ts";
import { publicMode } from "../../pki/files/pair-files.ts";
import { readPemFile } from "../../pki/files/pem-file.ts";
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

/** Only what holds certificates, and nothing else, gives way to one. */
async function requireBundle(file: string): Promise<void> {
  try {
    const { blocks } = await readPemFile(file, "certificate");
    if (blocks.every(({ label }) => label === "CERTIFICATE")) return;
  } catch (error) {
    if (error instanceof CertificateError && error.code === "CERTIFICATE_NOT_FOUND") return;
    if (!(error instanceof CertificateError)) throw error;
  }
  throw new CertificateError("CERTIFICATE_FOREIGN", `${file} holds something else than certificates`, {
    hint: "Name another file, or remove this one.",
  });
}

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
    await requireBundle(flags.output);
    await writeFileAtomically(flags.output, text, { mode: publicMode, clobber: true });
    const end = formatEnd(root.validToDate);
    output.note(`Wrote the certificate of ${subjectOf(root)} to ${flags.output}; it is valid until ${end}`);
  },
});
