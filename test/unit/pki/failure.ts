import { expect } from "bun:test";
import { CertificateError, FileError, type VibectlError } from "../../../src/errors.ts";

/**
 * The error of an action that must fail, with a hint and without a key in what it says.
 *
 * @returns The error, one of this program's own.
 */
export async function failureOf(action: Promise<unknown>): Promise<VibectlError> {
  const error = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CertificateError || error instanceof FileError)) throw new Error(`unexpected: ${error}`);
  expect(error.hint).toBeString();
  // Base64 of a key in DER begins so.
  expect(`${error.message} ${error.hint}`).not.toMatch(/M[HIEFCG][A-Za-z0-9+/]{20}/);
  return error;
}
