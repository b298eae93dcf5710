import { dirname, join } from "node:path";
import { readBoundedFile, UnreadableFile } from "../bounded-file.ts";
import { systemCodeOf } from "../errors.ts";
import { writeFileAtomically } from "../safe-file.ts";
import { schemaFileName } from "./default-file.ts";
import { configurationJsonSchema } from "./json-schema.ts";

/** The most bytes that a schema file of ours can have. */
const maxBytes = 1024 * 1024;

/** The text of the JSON Schema of configuration files. */
export function schemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
}

function titleOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "title" in value ? value.title : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether a place is free for the schema: nothing is there, or a schema that this program has written, or a device. */
async function mayReplace(file: string): Promise<boolean> {
  try {
    const { bytes } = await readBoundedFile(file, maxBytes);
    return bytes.length === 0 || titleOf(new TextDecoder().decode(bytes)) === configurationJsonSchema().title;
  } catch (error) {
    // What is no file is for the writing to judge.
    if (error instanceof UnreadableFile) return error.kind !== "too large";
    if (systemCodeOf(error) === undefined) throw error;
    return systemCodeOf(error) === "ENOENT";
  }
}

/**
 * Writes the JSON Schema of configuration files. What is there and is none of those that this program writes is not
 * replaced.
 *
 * @param force - Whether whatever is there is replaced.
 * @returns Whether it was written.
 * @throws FileError when it can't be written.
 */
export async function writeSchema(file: string, { force }: { force: boolean }): Promise<boolean> {
  if (!force && !(await mayReplace(file))) return false;
  await writeFileAtomically(file, schemaText(), { mode: 0o644, clobber: true });
  return true;
}

/**
 * Writes the schema beside a configuration file whose first line names it.
 *
 * @param file - The configuration file.
 * @returns A sentence about it, for a person.
 * @throws FileError when it can't be written.
 */
export async function writeSchemaBeside(file: string): Promise<string> {
  const schemaFile = join(dirname(file), schemaFileName);
  const written = await writeSchema(schemaFile, { force: false });
  return written ? `Wrote ${schemaFileName} beside it, for editors` : `${schemaFile} is another file, and stays`;
}
