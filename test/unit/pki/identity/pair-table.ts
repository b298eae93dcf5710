import type { CertificateErrorCode } from "../../../../src/errors.ts";
import type { LoadIdentityOptions } from "../../../../src/pki/identity/load-identity.ts";
import { chainText, leaf } from "./pair-parties.ts";

/** What lies at a path: text, bytes, or what a function puts there; null for nothing. */
export type Content = string | Uint8Array | ((path: string) => void) | null;

/** How a pair is made and loaded. What is not given is as in the good pair. */
export interface PairSource {
  certificate?: Content;
  key?: Content;
  /** Permissions of the key. */
  mode?: number;
  options?: Omit<Partial<LoadIdentityOptions>, "certFile" | "keyFile">;
  /** Whether it can't be made by root, who may read everything. */
  notByRoot?: boolean;
}

/** A row: the pair lies in the folder of its name. */
export interface Pair extends Required<Omit<PairSource, "options">> {
  name: string;
  options: Omit<Partial<LoadIdentityOptions>, "certFile" | "keyFile">;
}

/** Another row, of whose mistake the same is told, and why. */
export interface Alike {
  row: string;
  because: string;
}

/** A pair that can't be served. */
export interface WrongPair extends Pair {
  code: CertificateErrorCode | "FILE_UNUSABLE";
  /** As {@link simplified} gives it. */
  message: string;
  /** What the hint contains. */
  hint: string;
  alike: Alike | undefined;
}

/** A pair that looks odd and can be served. */
export interface OddPair extends Pair {
  /** What each warning contains, as {@link simplified} gives it. */
  warnings: readonly string[];
}

function pair(name: string, source: PairSource): Pair {
  const { certificate = chainText, key = leaf.keyText, mode = 0o600, notByRoot = false, options = {} } = source;
  return { name, certificate, key, mode, notByRoot, options };
}

export function wrong(
  name: string,
  source: PairSource,
  code: WrongPair["code"],
  message: string,
  hint: string,
  alike?: Alike,
): WrongPair {
  return { ...pair(name, source), code, message, hint, alike };
}

export function odd(name: string, source: PairSource, ...warnings: string[]): OddPair {
  return { ...pair(name, source), warnings };
}

/** A text with file names for the paths in a folder, and without what is different each time. */
export function simplified(text: string, folder: string): string {
  return text
    .replaceAll(`${folder}/`, "")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "DATE")
    .replaceAll(/(?<=line |only |of its )\d+|\d+(?= bytes follow| characters)/g, "N");
}
