import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { hasOpenssl } from "../openssl.ts";
import { chainText, intermediate, leaf, rsaKey, rsaLeaf } from "./pair-parties.ts";

/** The passphrase of every encrypted file. */
export const passphrase = "open sesame, 1001";

const extensions = `
[leaf]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:server.example.org
[nameless]
basicConstraints = critical, CA:FALSE
[address]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:10.0.0.1
[usage]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:server.example.org
keyUsage = critical, keyEncipherment
[broken-usage]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:server.example.org
keyUsage = DER:0403020106
[broken-names]
basicConstraints = critical, CA:FALSE
subjectAltName = DER:0500
[ca]
basicConstraints = critical, CA:TRUE
[ca-names]
basicConstraints = critical, CA:TRUE
nameConstraints = critical, permitted;DNS:example.net
[ca-broken-names]
basicConstraints = critical, CA:TRUE
subjectAltName = DER:0500
[critical]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:server.example.org
1.2.3.4 = critical, ASN1:NULL
`;

/** Kinds of keys, each with a certificate of its own. */
const kinds = `
openssl genpkey -algorithm ed25519 -out ed25519.key
openssl genpkey -algorithm ed448 -out ed448.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp521r1 -out p521.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp224r1 -out p224.key
openssl ecparam -name secp256k1 -genkey -noout -out secp256k1.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1 -out brainpool.key
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit -out explicit.key
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out rsa1024.key
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.key
openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -out dsa.parameters
openssl genpkey -paramfile dsa.parameters -out dsa.key
for kind in ed25519 ed448 p521 p224 secp256k1 brainpool explicit rsa1024 rsa-pss dsa; do
  openssl req -new -key $kind.key -subj /CN=$kind | sign leaf $kind.crt
done
`;

/** Certificates for the leaf's key that this server would not issue. */
const certificates = `
openssl req -new -key leaf.key -subj /CN=odd -out leaf.csr
sign leaf sha1.crt -sha1 < leaf.csr
sign leaf negative.crt -set_serial -5 < leaf.csr
sign leaf zero.crt -set_serial 0 < leaf.csr
sign leaf long.crt -set_serial 0x7$(printf '%047d' 1) < leaf.csr
sign leaf distant.crt -days 2900000 < leaf.csr
sign nameless nameless.crt < leaf.csr
sign address address.crt < leaf.csr
sign usage usage.crt < leaf.csr
sign broken-usage broken-usage.crt < leaf.csr
sign broken-names broken-names.crt < leaf.csr
sign critical critical.crt < leaf.csr
openssl x509 -req -days 9 -in leaf.csr -CA intermediate.crt -CAkey intermediate.key -out version1.crt
openssl x509 -in leaf.crt -trustout -addtrust serverAuth -out trusted.crt
openssl x509 -in intermediate.crt -trustout -addtrust serverAuth -out trusted-ca.crt
openssl req -x509 -sha1 -new -key rsa.key -subj "/CN=Old CA" -days 9 -out old-ca.crt
openssl x509 -req -md5 -days 9 -in leaf.csr -CA old-ca.crt -CAkey rsa.key -extfile ext -extensions leaf -out md5.crt
openssl x509 -req -days 9 -in leaf.csr -CA old-ca.crt -CAkey rsa.key -extfile ext -extensions leaf -out below-old.crt
openssl req -new -key ca.key -subj "/CN=Odd CA" -out ca.csr
sign ca ca-sha1.crt -sha1 < ca.csr
sign ca-names ca-names.crt < ca.csr
sign ca-broken-names ca-broken-names.crt < ca.csr
openssl x509 -req -days 9 -in leaf.csr -CA ca-sha1.crt -CAkey ca.key -extfile ext -extensions leaf -out below-ca.crt
`;

/** Other formats and ways to encrypt. */
const formats = `
secret=pass:"$PASSPHRASE"
openssl pkcs8 -topk8 -in leaf.key -passout "$secret" -out aes.key
openssl pkcs8 -topk8 -in leaf.key -passout "$secret" -outform der -out aes.der
openssl pkcs8 -topk8 -in leaf.key -passout "$secret" -v1 PBE-SHA1-3DES -out 3des.key
openssl pkcs8 -topk8 -in leaf.key -passout "$secret" -scrypt -out scrypt.key
openssl pkcs8 -topk8 -in leaf.key -passout "$secret" -v2 camellia-256-cbc -out camellia.key
openssl pkcs8 -topk8 -in ed448.key -passout "$secret" -out ed448-aes.key
openssl ec -in leaf.key -aes256 -passout "$secret" -out old-aes.key
openssl rsa -in rsa.key -traditional -des3 -passout "$secret" -out old-3des.key
openssl ec -in leaf.key -camellia256 -passout "$secret" -out old-camellia.key
openssl pkcs8 -topk8 -nocrypt -in leaf.key -outform der -out pkcs8.der
openssl rsa -in rsa.key -traditional -outform der -out pkcs1.der
openssl ec -in leaf.key -outform der -out sec1.der
openssl pkey -in leaf.key -pubout -out public.pem
openssl pkey -in leaf.key -pubout -outform der -out public.der
openssl x509 -in leaf.crt -outform der -out certificate.der
openssl crl2pkcs7 -nocrl -certfile chain.crt -out pkcs7.pem
openssl crl2pkcs7 -nocrl -certfile chain.crt -outform der -out pkcs7.der
openssl pkcs12 -export -in leaf.crt -inkey leaf.key -passout "$secret" -out archive.p12
openssl pkcs12 -in archive.p12 -passin "$secret" -nodes -out bags.pem
openssl x509 -in leaf.crt -text -out text.crt
: > index.txt
openssl ca -gencrl -config ca.cnf -out list.crl
`;

const authority = `
[ca]
default_ca = here
[here]
database = index.txt
default_md = sha256
default_crl_days = 9
certificate = intermediate.crt
private_key = intermediate.key
`;

const prelude = `
sign() {
  section=$1; out=$2; shift 2
  openssl x509 -req -days 9 -CA intermediate.crt -CAkey intermediate.key -extfile ext -extensions $section -out $out "$@"
}
`;

const folder = temporaryFolder();

function run(script: string): void {
  const options = { cwd: folder, env: { ...process.env, PASSPHRASE: passphrase } };
  const { exitCode, stderr } = Bun.spawnSync(["sh", "-euc", prelude + script], options);
  if (exitCode !== 0) throw new Error(`openssl failed: ${stderr.toString()}`);
}

if (hasOpenssl) {
  const inputs = {
    ext: extensions,
    "ca.cnf": authority,
    "leaf.key": leaf.keyText,
    "leaf.crt": leaf.text,
    "chain.crt": chainText,
    "rsa.key": rsaKey.export({ type: "pkcs8", format: "pem" }).toString(),
    "rsa.crt": rsaLeaf.text,
    "ca.key": intermediate.keyText,
    "intermediate.key": intermediate.keyText,
    "intermediate.crt": intermediate.text,
  };
  for (const [name, text] of Object.entries(inputs)) writeFileSync(join(folder, name), text);
  for (const script of [kinds, certificates, formats]) run(script);
}

/** What openssl made, as it is put into a pair. */
export function made(name: string): (path: string) => void {
  return (path) => {
    copyFileSync(join(folder, name), path);
    chmodSync(path, 0o600);
  };
}

/** The same as text; empty where there is no openssl. */
export function madeText(name: string): string {
  return hasOpenssl ? readFileSync(join(folder, name), "utf8") : "";
}
