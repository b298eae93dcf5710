import { CertificateError } from "../../errors.ts";
import { readBundle, refuseForeignBundle } from "../../pki/development/development-bundle.ts";
import { type DevelopmentCa, readDevelopmentCa } from "../../pki/development/development-ca.ts";
import { dialledHosts, reissuedFor } from "../../pki/development/development-certificate.ts";
import { developmentFiles } from "../../pki/development/development-files.ts";
import { isIssuedBy, readCertificates } from "../../pki/files/certificate-file.ts";
import { coversHost, isUnspecifiedAddress } from "../../pki/host-names.ts";
import { type LoadedIdentity, loadIdentity } from "../../pki/identity/load-identity.ts";
import { isDue } from "../../pki/validity.ts";
import { formatDay, formatSpan } from "../../time.ts";
import { chooseCertificate } from "../certificate-source.ts";
import { isLoopback } from "../exposure.ts";
import type { LoadedContext } from "./context.ts";
import { isEnding } from "./ending.ts";
import { type Finding, failed, ok, okUnless, skipped } from "./finding.ts";
import { canMake, placesHint } from "./nearest-folder.ts";

function left(end: Date, now: Date): string {
  return `${formatSpan(end.getTime() - now.getTime())} left, until ${formatDay(end)}`;
}

function describeNames(hosts: readonly string[]): string {
  return hosts.length > 4 ? `${hosts.slice(0, 4).join(", ")}, …` : hosts.join(", ");
}

/** A certificate that somebody else renews. */
function foreign({ identity, warnings }: LoadedIdentity, certFile: string, { loaded, now }: LoadedContext): Finding {
  const { hosts, notAfter } = identity.leaf;
  const host = loaded.configuration.server.host.replace(/^\[(.*)\]$/, "$1");
  const uncovered = !isLoopback(host) && !isUnspecifiedAddress(host) && !coversHost(hosts, host);
  const ending = isEnding(notAfter, now);
  const told = [
    ...warnings,
    ...(uncovered ? [`It does not cover ${host}, where the server listens`] : []),
    ...(ending ? [`It has ${left(notAfter, now)}`] : []),
  ];
  const hint = ending ? "Renew it where it comes from; a running server takes the new one by itself." : undefined;
  return okUnless(told, `certificate in ${certFile} for ${describeNames(hosts)}, ${left(notAfter, now)}`, { hint });
}

/** What makes a running server issue its own certificate anew, instead of being wrong. */
const mended = [...reissuedFor, "KEY_NOT_FOUND"];

/** A certificate of this server's own CA, which is made anew where something is wrong with it. */
async function own(ca: DevelopmentCa, files: ReturnType<typeof developmentFiles>, context: LoadedContext) {
  const { tls, server } = context.loaded.configuration;
  const { now } = context;
  const { certFile, keyFile, bundleFile } = files;
  const anew = (reason: string) => ok(`the certificate in ${certFile} is made anew at the next start: ${reason}`);
  const trust = { certificates: [ca.certificate], source: bundleFile };
  const access = { allowLoosePermissions: tls.allow_loose_permissions };
  let identity: LoadedIdentity;
  try {
    identity = await loadIdentity({ certFile, keyFile, now, trust, ...access });
  } catch (error) {
    if (error instanceof CertificateError && mended.includes(error.code)) return anew(error.message);
    throw error;
  }
  const { hosts, notAfter } = identity.identity.leaf;
  const missing = dialledHosts([...tls.hosts, server.host]).find((host) => !coversHost(hosts, host));
  if (missing !== undefined) return anew(`it does not cover ${missing}`);
  if (isDue(identity.identity.leaf, ca.certificate.validToDate, now)) return anew(`it has ${left(notAfter, now)}`);
  const warnings = [...ca.warnings, ...identity.warnings];
  const summary = `development certificate for ${describeNames(hosts)}, ${left(notAfter, now)}, renews itself`;
  return okUnless(warnings, summary, { details: [`Clients trust ${bundleFile}`] });
}

function authorityFinding({ certificate }: DevelopmentCa, now: Date): Finding[] {
  const end = certificate.validToDate;
  if (!isEnding(end, now)) return [];
  const hint = "Renew it with `vibectl-server generate-certs --force`, then give clients the new ca-bundle.crt.";
  const told = [end > now ? `It has ${left(end, now)}` : `It ended on ${formatDay(end)}`];
  return [okUnless(told, "the development CA can't issue certificates any more", { hint })];
}

async function development(context: LoadedContext): Promise<Finding[]> {
  const { paths, loaded, now } = context;
  const { tls, server } = loaded.configuration;
  const files = developmentFiles(paths.certificates);
  const access = { allowLoosePermissions: tls.allow_loose_permissions };
  const ca = await readDevelopmentCa(paths.certificates, access);
  const hosts = dialledHosts([...tls.hosts, server.host]);
  const chain = await readCertificates(files.certFile).catch((error) => {
    if (error instanceof CertificateError && error.code === "CERTIFICATE_NOT_FOUND") return undefined;
    throw error;
  });
  if (chain && !(ca && isIssuedBy(chain[0], ca.certificate))) {
    return [foreign(await loadIdentity({ ...files, now, hosts, ...access }), files.certFile, context)];
  }
  refuseForeignBundle(await readBundle(files.bundleFile), ca?.certificate);
  if (!(ca && chain) && !(await canMake(paths.certificates))) {
    return [failed(`there is no certificate, and none can be made in ${paths.certificates}`, { hint: placesHint })];
  }
  if (!ca)
    return [ok(`no certificate yet: it and its development CA are made at the first start, in ${paths.certificates}`)];
  const leaf = chain
    ? await own(ca, files, context)
    : ok("no certificate yet: the development CA issues it at the next start");
  return [leaf, ...authorityFinding(ca, now)];
}

/**
 * Checks the certificate that is served: whether it can be, whom it is for, and for how long. Nothing is made.
 *
 * @throws CertificateError, FileError or ConfigurationError when a server could not start with it.
 */
export async function checkCertificate(context: LoadedContext): Promise<Finding[]> {
  const { loaded, paths, now } = context;
  const { server, tls } = loaded.configuration;
  if (!server.use_tls) return [skipped(`off by ${loaded.originOf(["server", "use_tls"])}: there is no certificate`)];
  const { cert_file: certFile, key_file: keyFile } = server;
  if (!certFile || !keyFile) return await development(context);
  const source = chooseCertificate({ server, tls, paths, choice: { kind: "configured", generate: false } });
  return [foreign(await source.load(now, "start"), certFile, context)];
}
