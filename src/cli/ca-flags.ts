import type { ArgsDef } from "citty";
import { UsageError } from "../errors.ts";
import { type KeyType, keyTypes } from "../pki/issuing/keys.ts";
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
    description: "Another name or address; may be given more than once",
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
