import { z } from "zod";
import { field, optionalPath, text } from "./field.ts";

/** The section `tls`. */
export const tls = z.strictObject({
  min_version: field(z.enum(["1.2", "1.3"]).default("1.3"), {
    description: "Oldest version of TLS that is spoken",
    variables: ["VIBECTL_TLS_MIN_VERSION"],
    flag: "--tls-min-version",
    restart: true,
  }),
  hosts: field(z.array(text()).default([]), {
    description: "Names and addresses that clients dial: the certificate has to cover them",
    flag: "--hostname, --san",
  }),
  ca_bundle_file: field(optionalPath(), {
    description: "PEM file with the roots that clients trust: the certificate's chain has to lead to one",
    variables: ["VIBECTL_TLS_CA_BUNDLE_FILE"],
    flag: "--ca-bundle-file",
    path: true,
  }),
  key_passphrase_file: field(optionalPath(), {
    description: "File that holds the passphrase of an encrypted server.key_file",
    variables: ["VIBECTL_TLS_KEY_PASSPHRASE_FILE"],
    flag: "--key-passphrase-file",
    path: true,
  }),
  allow_loose_permissions: field(z.boolean().default(false), {
    description: "Whether a private key that other users can read is used, with a warning",
    variables: ["VIBECTL_TLS_ALLOW_LOOSE_PERMISSIONS"],
    flag: "--allow-loose-permissions",
  }),
  client_ca_file: field(optionalPath(), {
    description: "PEM file with the CAs whose clients are known by their certificates",
    variables: ["VIBECTL_TLS_CLIENT_CA_FILE"],
    flag: "--client-ca",
    path: true,
  }),
  client_auth: field(z.enum(["none", "request", "require"]).nullish(), {
    description: "Whether clients are asked for a certificate",
    fallback: "require where there is a client_ca_file, else none",
    variables: ["VIBECTL_TLS_CLIENT_AUTH"],
    flag: "--client-auth",
    restart: true,
  }),
  client_crl_file: field(optionalPath(), {
    description: "File with the revocation lists of these CAs, PEM or DER",
    variables: ["VIBECTL_TLS_CLIENT_CRL_FILE"],
    flag: "--client-crl",
    path: true,
  }),
});
