import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";

const folder = join(import.meta.dir, "..", "..", "..", "src", "pki");

/** The modules that a file loads at once: those it imports statically, and theirs. */
async function loadedBy(file: string, seen = new Set<string>()): Promise<Set<string>> {
  const text = await Bun.file(join(folder, file)).text();
  for (const [, clause = "", name = ""] of text.matchAll(/^import ([^"]*?)from "([^"]+)";/gms)) {
    const module = name.startsWith(".") ? normalize(join(dirname(file), name)) : name;
    if (clause.startsWith("type ") || seen.has(module)) continue;
    seen.add(module);
    if (name.startsWith(".") && !module.startsWith("..")) await loadedBy(module, seen);
  }
  return seen;
}

test.each([
  "identity/load-identity.ts",
  "development/development-certificate.ts",
  "clients/client-trust.ts",
  "inspection/inspect-file.ts",
])("%s does not load PKIjs, which takes longer than all the rest, before a certificate is issued", async (file) => {
  const loaded = await loadedBy(file);
  expect([...loaded]).toContain("files/pem-file.ts");
  expect([...loaded].filter((name) => name === "pkijs" || name === "asn1js")).toEqual([]);
  expect([...(await loadedBy("issuing/certificate.ts"))]).toContain("pkijs");
});
