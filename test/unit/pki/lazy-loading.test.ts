import { expect, test } from "bun:test";
import { join } from "node:path";

const folder = join(import.meta.dir, "..", "..", "..", "src", "pki");

/** The modules that a file loads at once: those it imports statically, and theirs. */
async function loadedBy(file: string, seen = new Set<string>()): Promise<Set<string>> {
  const text = await Bun.file(join(folder, file)).text();
  for (const [, clause = "", name = ""] of text.matchAll(/^import ([^"]*?)from "([^"]+)";/gms)) {
    if (clause.startsWith("type ") || seen.has(name)) continue;
    seen.add(name);
    if (name.startsWith("./")) await loadedBy(name, seen);
  }
  return seen;
}

test.each(["load-identity.ts", "development-certificate.ts"])(
  "%s does not load PKIjs, which takes longer than all the rest, before a certificate is issued",
  async (file) => {
    const loaded = await loadedBy(file);
    expect([...loaded]).toContain("./pem-file.ts");
    expect([...loaded].filter((name) => name === "pkijs" || name === "asn1js")).toEqual([]);
    expect([...(await loadedBy("certificate.ts"))]).toContain("pkijs");
  },
);
