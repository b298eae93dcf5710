import { made, madeText, passphrase } from "./openssl-files.ts";
import { intermediate, otherLeaf, rsaKey, rsaLeaf } from "./pair-parties.ts";
import { type WrongPair, wrong } from "./pair-table.ts";

const rsaText = rsaKey.export({ type: "pkcs8", format: "pem" }).toString();
const encrypted = (name: string, given: string | undefined) => ({ key: made(name), options: { passphrase: given } });

/** Pairs whose key can't be decrypted, is of a kind that can't be used, or is not that of the certificate. */
export const wrongKeys: readonly WrongPair[] = [
  wrong(
    "key-encrypted",
    encrypted("aes.key", undefined),
    "KEY_ENCRYPTED",
    "The private key in server.key is encrypted, and there is no passphrase",
    "openssl pkey -in server.key",
  ),
  wrong(
    "key-encrypted-as-of-old",
    encrypted("old-aes.key", undefined),
    "KEY_ENCRYPTED",
    "The private key in server.key is encrypted, and there is no passphrase",
    "openssl pkey -in server.key",
    { row: "key-encrypted", because: "the same passphrase is missing" },
  ),
  wrong(
    "key-encrypted-otherwise",
    encrypted("aes.key", "open sesame"),
    "KEY_PASSPHRASE_WRONG",
    "The passphrase for the private key in server.key is wrong",
    "Check the passphrase",
  ),
  wrong(
    "key-encrypted-as-of-old-otherwise",
    encrypted("old-aes.key", "open sesame"),
    "KEY_PASSPHRASE_WRONG",
    "The passphrase for the private key in server.key is wrong",
    "Check the passphrase",
    { row: "key-encrypted-otherwise", because: "the passphrase is as wrong" },
  ),
  wrong(
    "key-encrypted-passphrase-empty",
    encrypted("aes.key", ""),
    "KEY_PASSPHRASE_WRONG",
    "The passphrase for the private key in server.key is empty",
    "Check the passphrase",
  ),
  wrong(
    "key-encrypted-passphrase-with-line-end",
    encrypted("aes.key", `${passphrase}\n`),
    "KEY_PASSPHRASE_WRONG",
    "The passphrase for the private key in server.key is wrong; there are blanks or line ends around it",
    "Check the passphrase",
  ),
  wrong(
    "key-encrypted-by-scrypt",
    encrypted("scrypt.key", passphrase),
    "KEY_UNSUPPORTED",
    "The private key in server.key is encrypted in a way that this server can't undo (unsupported key derivation function)",
    "openssl pkcs8 -topk8 -v2 aes-256-cbc -in server.key",
  ),
  wrong(
    "key-encrypted-by-camellia",
    encrypted("camellia.key", passphrase),
    "KEY_UNSUPPORTED",
    "The private key in server.key is encrypted in a way that this server can't undo (unsupported cipher)",
    "openssl pkcs8 -topk8 -v2 aes-256-cbc -in server.key",
  ),
  wrong(
    "key-encrypted-by-camellia-as-of-old",
    encrypted("old-camellia.key", passphrase),
    "KEY_UNSUPPORTED",
    "The private key in server.key is encrypted in a way that this server can't undo (unsupported encryption)",
    "openssl pkcs8 -topk8 -v2 aes-256-cbc -in server.key",
  ),
  wrong(
    "key-encrypted-of-unknown-kind",
    encrypted("ed448-aes.key", passphrase),
    "KEY_UNSUPPORTED",
    "The private key in server.key can be decrypted, and then is of an unknown kind",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "key-encrypted-and-cut",
    { key: madeText("aes.key").replace(/\n[^\n]*\n-----END/, "\n-----END"), options: { passphrase } },
    "KEY_MALFORMED",
    "The private key file server.key is damaged: its private key can't be decoded, as only N of its N bytes are there",
    "Copy or fetch the file anew",
    { row: "key-cut-in-base64", because: "whether it is encrypted does not matter while bytes are missing" },
  ),
  wrong(
    "key-on-secp256k1",
    { key: made("secp256k1.key") },
    "KEY_UNSUPPORTED",
    "The private key in server.key is of the kind ECDSA secp256k1, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "key-on-brainpool",
    { key: made("brainpool.key") },
    "KEY_UNSUPPORTED",
    "The private key in server.key is of the kind ECDSA brainpoolP256r1, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "key-for-rsa-pss",
    { key: made("rsa-pss.key") },
    "KEY_UNSUPPORTED",
    "The private key in server.key is of the kind RSA-PSS, which this server can't use",
    "Use an ECDSA key on P-256 or an RSA key",
  ),
  wrong(
    "key-of-another-certificate",
    { key: otherLeaf.keyText },
    "KEY_MISMATCH",
    "The private key in server.key does not belong to the certificate in server.crt",
    "Name the key that the certificate was made for",
  ),
  wrong(
    "key-of-another-kind",
    { key: rsaText },
    "KEY_MISMATCH",
    "The private key in server.key does not belong to the certificate in server.crt: it is of the kind RSA 2048, and the certificate's of the kind ECDSA P-256",
    "Name the key that the certificate was made for",
  ),
  wrong(
    "key-on-another-curve",
    { key: made("p521.key") },
    "KEY_MISMATCH",
    "The private key in server.key does not belong to the certificate in server.crt: it is of the kind ECDSA P-521, and the certificate's of the kind ECDSA P-256",
    "Name the key that the certificate was made for",
  ),
  wrong(
    "certificate-of-another-kind",
    { certificate: rsaLeaf.text + intermediate.text },
    "KEY_MISMATCH",
    "The private key in server.key does not belong to the certificate in server.crt: it is of the kind ECDSA P-256, and the certificate's of the kind RSA 2048",
    "Name the key that the certificate was made for",
  ),
  wrong(
    "key-of-the-intermediate",
    { key: intermediate.keyText },
    "KEY_MISMATCH",
    "The private key in server.key is that of the CA (CN=Intermediate), certificate number 2 in server.crt, not the server's",
    "Name the key of the first certificate",
  ),
];
