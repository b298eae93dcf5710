import { expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";

const source = join(import.meta.dir, "..", "..", "src");

/** Which folders of `src/` each one may import from, beside itself and the files that all may use. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  cli: ["server", "client", "config", "auth", "pki", "observe"],
  server: ["rpc", "proxy", "providers", "config", "pki", "auth", "observe", "gen"],
  rpc: [],
  proxy: ["providers", "gen"],
  providers: ["gen"],
  client: ["gen"],
  config: [],
  pki: [],
  auth: [],
  observe: [],
  gen: [],
  "main.ts": ["cli"],
  "errors.ts": [],
  "safe-file.ts": [],
  "file-lock.ts": [],
  "bounded-file.ts": [],
  "nearest.ts": [],
  "time.ts": [],
  "version.ts": [".."],
};

/** Who may use the libraries that belong to one folder. */
const libraries: ReadonlyArray<readonly [library: RegExp, folders: readonly string[]]> = [
  [/^@grpc\/grpc-js$/, ["rpc", "client"]],
  [/^(pkijs|asn1js)$/, ["pki"]],
  [/^jose$/, ["auth"]],
  [/^@ai-sdk\//, ["providers"]],
  [/^citty$/, ["cli"]],
];

async function importsOf(file: string): Promise<string[]> {
  const text = await Bun.file(file).text();
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].flatMap(([, name]) => (name ? [name] : []));
}

const files = [...new Bun.Glob("**/*.ts").scanSync(source)].filter((file) => !file.startsWith("gen/"));
const floorOf = (path: string) => path.split("/")[0] ?? "";

test("every folder imports only from the floors below it", async () => {
  const breaches: string[] = [];
  for (const file of files) {
    const floor = floorOf(file);
    for (const name of await importsOf(join(source, file))) {
      if (!name.startsWith(".")) continue;
      const target = relative(source, join(source, dirname(file), name));
      const targetFloor = floorOf(target);
      const shared = [
        "errors.ts",
        "safe-file.ts",
        "file-lock.ts",
        "bounded-file.ts",
        "nearest.ts",
        "time.ts",
        "version.ts",
      ].includes(target);
      if (targetFloor !== floor && !shared && !mayImport[floor]?.includes(targetFloor)) {
        breaches.push(`${file} → ${target}`);
      }
    }
  }
  expect(breaches).toEqual([]);
});

test("a library that belongs to one folder is used nowhere else", async () => {
  const breaches: string[] = [];
  for (const file of files) {
    for (const name of await importsOf(join(source, file))) {
      const rule = libraries.find(([library]) => library.test(name));
      if (rule && !rule[1].includes(floorOf(file))) breaches.push(`${file} → ${name}`);
    }
  }
  expect(breaches).toEqual([]);
});
