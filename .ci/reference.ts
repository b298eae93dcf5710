// Writes what the configuration's schema says into docs/: the tables of configuration.md, and config.schema.json.
import { join } from "node:path";
import { configurationJsonSchema } from "../src/config/json-schema.ts";
import { referenceTables } from "../src/config/reference.ts";

const docs = join(import.meta.dir, "..", "docs");

const written = { guide: join(docs, "configuration.md"), schema: join(docs, "config.schema.json") };

/** The files that are written. */
export const referenceFiles = Object.values(written);

/** Puts each table between its marks. A table without marks, or marks without a table, is an error. */
function withTables(text: string): string {
  const tables = referenceTables();
  const seen = new Set<string>();
  const result = text.replace(
    /(<!-- table: (.*?) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, begin: string, section: string, end: string) => {
      const table = tables.get(section);
      if (table === undefined) throw new Error(`docs/configuration.md has a table ${section}, and the schema has none`);
      seen.add(section);
      return `${begin}\n${table}\n\n${end}`;
    },
  );
  const missing = [...tables.keys()].filter((section) => !seen.has(section));
  if (missing.length > 0) throw new Error(`docs/configuration.md lacks the tables ${missing.join(", ")}`);
  return result;
}

/** Writes the files anew. */
export async function writeReference(): Promise<void> {
  const { guide, schema } = written;
  await Bun.write(guide, withTables(await Bun.file(guide).text()));
  await Bun.write(schema, `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
}
