import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How the Python server makes a certificate of each kind, in the words of openssl's configuration. */
const extensions = {
  root: ["basicConstraints=critical,CA:TRUE,pathlen:1", "keyUsage=critical,keyCertSign,cRLSign"],
  intermediate: ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign"],
  server: [
    "basicConstraints=critical,CA:FALSE",
    "keyUsage=critical,digitalSignature,keyEncipherment",
    "extendedKeyUsage=critical,serverAuth",
  ],
};

const configuration = `
[req]
distinguished_name = names
x509_extensions = extensions
[names]
[extensions]
subjectKeyIdentifier = hash
`;

interface CertificateOptions {
  kind: keyof typeof extensions;
  /** Without `.crt` and `.key`. */
  base: string;
  subject: string;
  days: number;
  /** Likewise. */
  issuer?: string;
  names?: string;
}

function makeCertificate({ kind, base, subject, days, issuer, names }: CertificateOptions): void {
  const further = [...extensions[kind], ...(names ? [`subjectAltName=${names}`] : [])];
  writeFileSync(`${base}.cnf`, configuration + further.join("\n"));
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", `${base}.key`];
  const signer = issuer === undefined ? [] : ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`];
  const content = ["-config", `${base}.cnf`, "-subj", subject, "-days", String(days), "-sha256", ...signer];
  const command = ["openssl", "req", "-x509", ...key, ...content, "-out", `${base}.crt`];
  const { success, stderr } = Bun.spawnSync(command, { stdin: "ignore", stdout: "ignore" });
  if (!success) throw new Error(`openssl failed: ${stderr.toString()}`);
  chmodSync(`${base}.key`, 0o600);
}

/**
 * Makes a CA as the Python server leaves it: RSA keys, a critical extendedKeyUsage, no authority key identifier, and a
 * leaf's file without the intermediate. It is valid from now on.
 *
 * @param host - Whose leaf is there.
 */
export function makePythonCa(directory: string, host: string): void {
  const [root, intermediate] = [join(directory, "root", "ca"), join(directory, "intermediate", "ca")];
  const leaf = join(directory, "server_certs", host, host);
  for (const path of [root, intermediate, leaf]) mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  makeCertificate({ kind: "root", base: root, subject: "/C=US/O=vibectl/CN=vibectl Root CA", days: 3650 });
  const common = { kind: "intermediate", base: intermediate, issuer: root, days: 1825 } as const;
  makeCertificate({ ...common, subject: "/C=US/O=vibectl/CN=vibectl Intermediate CA" });
  const names = `DNS:${host},IP:127.0.0.1`;
  makeCertificate({ kind: "server", base: leaf, issuer: intermediate, subject: `/CN=${host}`, days: 90, names });
  copyFileSync(`${root}.crt`, join(directory, "ca-bundle.crt"));
}
