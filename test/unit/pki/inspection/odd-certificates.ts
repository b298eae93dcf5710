import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../temporary-folder.ts";

/** A certificate made by openssl, and its files. */
export interface OddCertificate {
  der: Uint8Array;
  /** PEM. */
  text: string;
  certFile: string;
  keyFile: string;
}

export interface OddOptions {
  /** Lines of an openssl configuration. Identifiers of keys are left out unless they are asked for. */
  extensions?: string[];
  /** Further sections that the extensions refer to. */
  sections?: string;
  /** Such as `/CN=odd`. */
  subject?: string;
  /** Of `openssl genpkey`. */
  key?: string[];
  /** Such as `-sha1`. */
  digest?: string;
  days?: number;
  /** As `openssl x509 -set_serial` takes it. */
  serial?: string;
  /** Signs itself where there is none. */
  issuer?: OddCertificate;
}

export const p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** Extensions that a server's certificate ought to have. */
export const serverExtensions = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=serverAuth",
  "subjectAltName=DNS:server.example.org",
  "subjectKeyIdentifier=hash",
];

/** Extensions that a CA's certificate ought to have. */
export const authorityExtensions = [
  "basicConstraints=critical,CA:TRUE",
  "keyUsage=critical,keyCertSign,cRLSign",
  "subjectKeyIdentifier=hash",
];

/** Makes certificates that this program would not issue, in a folder that is gone when the test file is through. */
export function oddCertificates() {
  const folder = temporaryFolder();
  let count = 0;
  const openssl = (...args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder, stdin: "ignore" });
    if (exitCode !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  };
  const make = (options: OddOptions = {}): OddCertificate => {
    const { extensions = serverExtensions, sections = "", key = p256, digest = "-sha256", issuer } = options;
    const name = join(folder, String(count++));
    const [keyFile, certFile] = [`${name}.key`, `${name}.crt`];
    const ownIds = ["subjectKeyIdentifier", "authorityKeyIdentifier"].filter(
      (id) => !extensions.some((line) => line.startsWith(id)),
    );
    const lines = [...extensions, ...ownIds.map((id) => `${id}=none`)];
    writeFileSync(`${name}.cnf`, `[req]\ndistinguished_name=dn\n[dn]\n[v3]\n${lines.join("\n")}\n${sections}`);
    openssl("genpkey", ...key, "-out", keyFile);
    const subject = ["-subj", options.subject ?? "/CN=odd", "-utf8", "-config", `${name}.cnf`];
    openssl("req", "-new", "-key", keyFile, "-out", `${name}.csr`, ...subject);
    const signer = issuer ? ["-CA", issuer.certFile, "-CAkey", issuer.keyFile] : ["-signkey", keyFile];
    const days = ["-days", String(options.days ?? 90), "-set_serial", options.serial ?? "0x1234567890"];
    const extended = ["-extfile", `${name}.cnf`, "-extensions", "v3"];
    openssl("x509", "-req", "-in", `${name}.csr`, digest, ...signer, ...days, ...extended, "-out", certFile);
    const text = readFileSync(certFile, "utf8");
    return { der: new X509Certificate(text).raw, text, certFile, keyFile };
  };
  return { folder, make, openssl };
}
