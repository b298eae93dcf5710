import { loadClientTrust } from "../../pki/clients/client-trust.ts";
import { subjectOf } from "../../pki/files/certificate-file.ts";
import { formatDay, formatTime } from "../../time.ts";
import { clientSettings } from "../client-trust-keeper.ts";
import type { LoadedContext } from "./context.ts";
import { counted } from "./counted.ts";
import { isEnding } from "./ending.ts";
import { type Finding, okUnless, skipped, warning } from "./finding.ts";

/**
 * Checks the CAs whose clients are trusted, and their revocation lists.
 *
 * @throws CertificateError or FileError when a server could not start with them.
 */
export async function checkClientAuthorities({ loaded, now }: LoadedContext): Promise<Finding[]> {
  const { server, tls } = loaded.configuration;
  const settings = clientSettings(tls);
  if (!settings) return [skipped("clients are asked for no certificate")];
  const { caFile, crlFile, required } = settings;
  if (!server.use_tls) {
    return [
      warning("tls.client_ca_file is set, but TLS is off: no client shows a certificate", {
        hint: "Set `server.use_tls: true`, or remove tls.client_ca_file.",
      }),
    ];
  }
  const { certificates, revocation, warnings } = await loadClientTrust({ caFile, crlFile, now });
  const ending = certificates
    .filter(({ validToDate: end }) => isEnding(end, now))
    .map((certificate) => `${subjectOf(certificate)} ends on ${formatDay(certificate.validToDate)}`);
  const due = revocation?.nextUpdate ? `, to be renewed until ${formatTime(revocation.nextUpdate)}` : "";
  const lists = crlFile
    ? `Revoked are those in ${crlFile}${due}`
    : "Nobody's certificate is ever revoked: there is no tls.client_crl_file";
  const summary = `clients ${required ? "must" : "may"} show a certificate of ${counted(certificates.length, "CA")} in ${caFile}`;
  return [okUnless([...warnings, ...ending], summary, { details: [lists] })];
}
