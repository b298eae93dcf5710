import { systemCodeOf } from "../../errors.ts";

/**
 * What the system says of a path.
 *
 * @param asked - Such as `stat(path)`.
 * @returns Undefined where nothing is there.
 * @throws What the system says else.
 */
export async function unlessAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return await asked.catch((error) => {
    if (["ENOENT", "ENOTDIR"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw error;
  });
}

/**
 * The same where the reason does not matter.
 *
 * @returns Undefined where the system says no.
 */
export async function unlessUnreadable<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return await asked.catch((error) => {
    if (systemCodeOf(error) !== undefined) return undefined;
    throw error;
  });
}
