import type { ArgsDef } from "citty";
import { expandHome, resolvePaths } from "../config/paths.ts";
import { UsageError } from "../errors.ts";
import { type KeyType, keyTypes, systemRandom } from "../pki/issuing/keys.ts";
import type { NewLeafOptions } from "../pki/private-ca/private-leaf.ts";
import type { Repeatable } from "./invoke.ts";

/** Where the CA is. */
export const caDirArg = {
  "ca-dir": { type: "string", valueHint: "folder", description: "Folder of the CA (~/.config/vibectl/server/ca)" },
} satisfies ArgsDef;

/** What kind of key is made. */
export const keyTypeArg = {
  "key-type": { type: "enum", options: [...keyTypes], description: "Kind of a new key (p256)" },
} satisfies ArgsDef;

/** How long a certificate lives. */
export const validityArg = {
  "validity-days": { type: "string", valueHint: "days", description: "Days until the certificate ends (90)" },
} satisfies ArgsDef;

/** Further names of a certificate. */
export const sanArg = {
  san: {
    type: "string",
    valueHint: "name",
    description: "Another name or address that clients dial; may be given more than once",
    repeatable: true,
  },
} satisfies ArgsDef & Record<string, Repeatable>;

/** Whether keys that others can read are used. */
export const loosePermissionsArg = {
  "allow-loose-permissions": {
    type: "boolean",
    description: "Use a private key that other users can read, with a warning",
  },
} satisfies ArgsDef;

/** What a certificate of the private CA is made with. */
export const leafArgs = {
  ...caDirArg,
  ...validityArg,
  ...keyTypeArg,
  ...loosePermissionsArg,
  force: { type: "boolean", description: "Replace the certificate of that name, and its key" },
} satisfies ArgsDef;

/** What a command line says of a certificate to make. */
export interface LeafFlags {
  "ca-dir"?: string | undefined;
  "validity-days"?: string | undefined;
  "key-type"?: string | undefined;
  "allow-loose-permissions"?: boolean | undefined;
  force?: boolean | undefined;
}

/** The folder of the private CA: what `--ca-dir` says, or the usual one. */
export function caDirectory(flags: Pick<LeafFlags, "ca-dir">): string {
  const named = flags["ca-dir"];
  return named === undefined ? resolvePaths(process.env).authority : expandHome(named, process.env);
}

const mostDays = 3650;

/**
 * Reads a number of days.
 *
 * @param least - The fewest that there may be; 1 unless given.
 * @throws UsageError when it is no whole number up to 3650.
 */
export function readDays(text: string | undefined, flag: string, least = 1): number | undefined {
  if (text === undefined) return undefined;
  const days = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (days >= least && days <= mostDays) return days;
  throw new UsageError(`${flag} is ${JSON.stringify(text)}, which is no whole number from ${least} to ${mostDays}`);
}

/** The kind of key that is asked for. citty has checked that it is one. */
export function readKeyType(text: string | undefined): KeyType {
  return keyTypes.find((type) => type === text) ?? "p256";
}

/** @throws UsageError for a value that its flag can't have. */
export function leafOptions(flags: LeafFlags): NewLeafOptions {
  return {
    directory: caDirectory(flags),
    lifetimeDays: readDays(flags["validity-days"], "--validity-days"),
    keyType: readKeyType(flags["key-type"]),
    force: flags.force === true,
    allowLoosePermissions: flags["allow-loose-permissions"],
    now: new Date(),
    random: systemRandom,
  };
}

/** @throws UsageError when only one of certificate and key is given. */
export function requireBoth(flags: Partial<Record<"cert-file" | "key-file", unknown>>): void {
  if (!flags["cert-file"] !== !flags["key-file"]) {
    throw new UsageError("--cert-file and --key-file belong together", { hint: "Give both, or neither." });
  }
}
