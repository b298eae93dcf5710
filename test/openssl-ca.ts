import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What openssl made, in PEM, and where it lies. */
export interface OpensslPair {
  cert: string;
  key: string;
  certFile: string;
  keyFile: string;
}

export interface OpensslCaOptions {
  /** Has it signed; otherwise it signs itself. */
  issuer?: OpensslCa;
  /** Such as `/O=Example/CN=A root`; by default its name. */
  subject?: string;
  /** `rsa:2048`, or a curve; P-256 by default. */
  key?: "P-256" | "P-384" | "rsa:2048" | "ed25519";
  /** As openssl's configuration writes them, beside basicConstraints. */
  extensions?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface OpensslLeafOptions {
  subject?: string;
  /** As openssl's configuration writes them; a client's by default. */
  extensions?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface OpensslCrlOptions {
  thisUpdate?: Date;
  nextUpdate?: Date;
  /** As openssl's configuration writes them. */
  extensions?: readonly string[];
  /** Such as sha1; sha256 by default. */
  digest?: string;
}

const hourMs = 3_600_000;

const configuration = `
[ca]
default_ca = here
[here]
database = index.txt
crlnumber = crlnumber
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
string_mask = utf8only
[anything]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
emailAddress = optional
`;

function timeOf(date: Date): string {
  return `${date.toISOString().replace(/[-:T]|\..*/g, "")}Z`;
}

function newKey(key: OpensslCaOptions["key"] = "P-256"): string[] {
  if (key.startsWith("P-")) return ["-newkey", "ec", "-pkeyopt", `ec_paramgen_curve:${key}`, "-nodes"];
  return ["-newkey", key, "-nodes"];
}

/** A CA that the openssl command runs in a folder of its own. */
export class OpensslCa implements OpensslPair {
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;

  constructor(parent: string, name: string, options: OpensslCaOptions = {}) {
    this.folder = join(parent, name);
    this.certFile = join(this.folder, "ca.crt");
    this.keyFile = join(this.folder, "ca.key");
    mkdirSync(this.folder);
    this.#write("ca.cnf", configuration);
    this.#write("index.txt", "");
    this.#write("crlnumber", "01\n");
    const { issuer = this, subject = `/CN=${name}`, extensions = ["keyUsage=critical,keyCertSign,cRLSign"] } = options;
    this.#openssl(["req", "-new", ...newKey(options.key), "-utf8", "-keyout", "ca.key", "-out", "ca.csr"], subject);
    const constraints = ["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash", ...extensions];
    issuer.#sign(
      join(this.folder, "ca"),
      { ...options, extensions: constraints },
      issuer === this ? ["-selfsign"] : [],
    );
    this.cert = readFileSync(this.certFile, "utf8");
    this.key = readFileSync(this.keyFile, "utf8");
  }

  /** Issues a certificate for a new key, for a client unless the extensions say otherwise. */
  issue(name: string, options: OpensslLeafOptions = {}): OpensslPair {
    const { subject = `/CN=${name}`, extensions = ["extendedKeyUsage=clientAuth"] } = options;
    const files = ["-keyout", `${name}.key`, "-out", `${name}.csr`];
    this.#openssl(["req", "-new", ...newKey(), "-utf8", ...files], subject);
    this.#sign(join(this.folder, name), {
      ...options,
      extensions: ["basicConstraints=critical,CA:FALSE", ...extensions],
    });
    const [certFile, keyFile] = [join(this.folder, `${name}.crt`), join(this.folder, `${name}.key`)];
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8"), certFile, keyFile };
  }

  /** Revokes a certificate; it is in the lists from then on. */
  revoke({ certFile }: Pick<OpensslPair, "certFile">, reason = "keyCompromise"): void {
    this.#openssl(["ca", ...this.#signer(), "-revoke", certFile, "-crl_reason", reason]);
  }

  /** Makes a revocation list, valid from an hour ago for a day unless told otherwise; in PEM. */
  crl(options: OpensslCrlOptions = {}): string {
    const { thisUpdate = new Date(Date.now() - hourMs), nextUpdate = new Date(Date.now() + 24 * hourMs) } = options;
    const { extensions = ["authorityKeyIdentifier=keyid:always"], digest = "sha256" } = options;
    this.#write("crl.cnf", `${configuration}\n[list]\n${extensions.join("\n")}\n`);
    const dates = ["-crl_lastupdate", timeOf(thisUpdate), "-crl_nextupdate", timeOf(nextUpdate), "-md", digest];
    const kind = extensions.length > 0 ? ["-crlexts", "list"] : [];
    this.#openssl(["ca", ...this.#signer("crl.cnf"), "-gencrl", ...dates, ...kind, "-out", "list.crl"]);
    return readFileSync(join(this.folder, "list.crl"), "utf8");
  }

  #sign(base: string, options: OpensslLeafOptions, mode: readonly string[] = []): void {
    const { notBefore = new Date(Date.now() - hourMs), notAfter = new Date(Date.now() + 24 * hourMs) } = options;
    writeFileSync(`${base}.ext`, [...(options.extensions ?? []), "authorityKeyIdentifier=keyid"].join("\n"));
    const dates = ["-startdate", timeOf(notBefore), "-enddate", timeOf(notAfter)];
    const files = ["-extfile", `${base}.ext`, "-in", `${base}.csr`, "-out", `${base}.crt`];
    const signer = mode.includes("-selfsign") ? ["-keyfile", "ca.key", "-config", "ca.cnf"] : this.#signer();
    this.#openssl(["ca", "-batch", "-notext", "-utf8", "-preserveDN", ...mode, ...signer, ...dates, ...files]);
  }

  #signer(config = "ca.cnf"): string[] {
    return ["-config", config, "-keyfile", "ca.key", "-cert", "ca.crt"];
  }

  #write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  #openssl(args: readonly string[], subject?: string): void {
    const command = ["openssl", ...args, ...(subject === undefined ? [] : ["-subj", subject])];
    const { success, stderr } = Bun.spawnSync(command, { cwd: this.folder, stdin: "ignore", stdout: "ignore" });
    if (!success) throw new Error(`openssl ${args[0]} failed: ${stderr.toString()}`);
  }
}
