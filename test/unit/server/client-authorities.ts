import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OpensslCa } from "../../openssl-ca.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const hourMs = 3_600_000;

/** A moment some hours from the real now, which openssl's certificates are dated by. */
export function later(hours: number): Date {
  return new Date(Date.now() + hours * hourMs);
}

/** Makes the CAs of one test file's clients: `alice` is the first's, `bob` the second's; the brief one has expired. */
export function makeClientAuthorities() {
  const folder = temporaryFolder();
  const first = new OpensslCa(folder, "first");
  const second = new OpensslCa(folder, "second");
  const brief = new OpensslCa(folder, "brief", { notBefore: later(-3), notAfter: later(-2) });
  const clients = { alice: first.issue("alice"), bob: second.issue("bob") };
  let count = 0;

  /** One that a test may revoke certificates of. */
  const makeCa = () => new OpensslCa(folder, `ca-${count++}`);

  /** Puts CAs and a list into files in a folder of their own. */
  function place(ca: string, crl?: string) {
    const home = join(folder, `keeper-${count++}`);
    mkdirSync(home);
    const [caFile, crlFile] = [join(home, "clients.crt"), join(home, "clients.crl")];
    writeFileSync(caFile, ca);
    if (crl !== undefined) writeFileSync(crlFile, crl);
    return { home, caFile, crlFile: crl === undefined ? undefined : crlFile };
  }

  return { first, second, brief, clients, makeCa, place };
}
