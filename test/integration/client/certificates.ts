import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A CA made by openssl. */
export interface Authority {
  folder: string;
  /** The file with its certificate. */
  bundle: string;
}

/** PEM, as servers take it. */
export interface KeyPair {
  cert: string;
  key: string;
  certFile: string;
  keyFile: string;
}

export interface LeafOptions {
  /** Such as `DNS:localhost,IP:::1`. */
  names: string;
  notBefore?: Date;
  notAfter?: Date;
  /** Its extended key usage. */
  purpose?: "serverAuth" | "clientAuth";
}

const hourMs = 3_600_000;

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

const configuration = `
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
[anything]
commonName = supplied
`;

async function openssl(folder: string, args: readonly string[]): Promise<void> {
  const process = Bun.spawn(["openssl", ...args], { cwd: folder, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const complaint = await new Response(process.stderr).text();
  if ((await process.exited) !== 0) throw new Error(`openssl ${args[0]} failed: ${complaint}`);
}

/** Makes a CA in a folder of its own. */
export async function makeAuthority(parent: string, name: string, commonName = name): Promise<Authority> {
  const folder = join(parent, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "ca.cnf"), configuration);
  writeFileSync(join(folder, "index.txt"), "");
  const subject = ["-subj", `/CN=${commonName}`, "-days", "2"];
  await openssl(folder, ["req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.crt", ...subject]);
  return { folder, bundle: join(folder, "ca.crt") };
}

function timeOf(date: Date): string {
  return `${date.toISOString().replace(/[-:T]|\..*/g, "")}Z`;
}

/** Has a CA issue a server's certificate. */
export async function issue(authority: Authority, name: string, options: LeafOptions): Promise<KeyPair> {
  const { folder } = authority;
  const now = Date.now();
  const {
    notBefore = new Date(now - hourMs),
    notAfter = new Date(now + 24 * hourMs),
    purpose = "serverAuth",
  } = options;
  const extensions = ["basicConstraints=critical,CA:FALSE", `extendedKeyUsage=${purpose}`];
  writeFileSync(join(folder, `${name}.ext`), [`subjectAltName=${options.names}`, ...extensions].join("\n"));
  await openssl(folder, ["req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`]);
  const signer = ["ca", "-batch", "-notext", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.crt"];
  const dates = ["-startdate", timeOf(notBefore), "-enddate", timeOf(notAfter)];
  await openssl(folder, [...signer, ...dates, "-extfile", `${name}.ext`, "-in", `${name}.csr`, "-out", `${name}.crt`]);
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8"), certFile, keyFile };
}
