import type { X509Certificate } from "node:crypto";
import { VibectlError } from "../../errors.ts";
import { dayMs } from "../../time.ts";
import { readCertificates, subjectOf } from "../files/certificate-file.ts";
import { listLeaves } from "./find-leaves.ts";
import { type RootKeyState, rootKeyState } from "./private-ca.ts";
import { type LeafKind, leafFilesIn, privateCaFiles } from "./private-ca-files.ts";

/** What a certificate of a CA folder is. */
export type EntryKind = "root" | "intermediate" | LeafKind;

/** How a certificate of a CA folder is doing. */
export interface CaEntry {
  kind: EntryKind;
  /** `root`, `intermediate`, or the name of the leaf's folder. */
  name: string;
  file: string;
  /** `unreadable` includes one that is missing. */
  state: "valid" | "expiring" | "expired" | "not yet valid" | "unreadable";
  /** Undefined when it is unreadable. */
  subject: string | undefined;
  notBefore: Date | undefined;
  notAfter: Date | undefined;
  /** Whole days until its end, negative after it. */
  daysLeft: number | undefined;
  /** Why it is unreadable. */
  problem: string | undefined;
}

/** A CA folder as a whole. */
export interface CaStatus {
  directory: string;
  rootKey: RootKeyState | "unreadable";
  entries: readonly CaEntry[];
}

function stateOf({ validFromDate, validToDate }: X509Certificate, now: Date, days: number): CaEntry["state"] {
  if (now > validToDate) return "expired";
  if (now < validFromDate) return "not yet valid";
  return validToDate.getTime() - now.getTime() <= days * dayMs ? "expiring" : "valid";
}

async function describe(kind: EntryKind, name: string, file: string, now: Date, days: number): Promise<CaEntry> {
  try {
    const [certificate] = await readCertificates(file);
    const { validFromDate: notBefore, validToDate: notAfter } = certificate;
    const daysLeft = Math.floor((notAfter.getTime() - now.getTime()) / dayMs);
    const state = stateOf(certificate, now, days);
    return {
      kind,
      name,
      file,
      state,
      subject: subjectOf(certificate),
      notBefore,
      notAfter,
      daysLeft,
      problem: undefined,
    };
  } catch (error) {
    if (!(error instanceof VibectlError)) throw error;
    const unknown = { subject: undefined, notBefore: undefined, notAfter: undefined, daysLeft: undefined };
    return { kind, name, file, state: "unreadable", ...unknown, problem: error.message };
  }
}

async function lookAtRootKey(directory: string): Promise<CaStatus["rootKey"]> {
  try {
    return await rootKeyState(directory);
  } catch (error) {
    if (error instanceof VibectlError) return "unreadable";
    throw error;
  }
}

/**
 * Looks at every certificate of a CA folder; what can't be read is told as such.
 *
 * @param days - A certificate is `expiring` when it ends within that many.
 */
export async function readCaStatus(directory: string, now: Date, days: number): Promise<CaStatus> {
  const files = privateCaFiles(directory);
  const leaves = await listLeaves(directory);
  const all = [
    ["root", "root", files.root.certFile] as const,
    ["intermediate", "intermediate", files.intermediate.certFile] as const,
    ...leaves.map(({ kind, name }) => [kind, name, leafFilesIn(directory, kind, name).certFile] as const),
  ];
  return {
    directory,
    rootKey: await lookAtRootKey(directory),
    entries: await Promise.all(all.map(([kind, name, file]) => describe(kind, name, file, now, days))),
  };
}
