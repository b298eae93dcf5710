import { describe, expect, test } from "bun:test";
import { parseConfiguration } from "../../../src/config/document.ts";
import { isPythonKey } from "../../../src/config/python-keys.ts";
import { currentSpelling, spellingInFile, translatePythonSpellings } from "../../../src/config/python-spellings.ts";

const translate = (text: string) => translatePythonSpellings(parseConfiguration(text, "f"));

const spellings: [old: string[], current: string[]][] = [
  [
    ["tls", "enabled"],
    ["server", "use_tls"],
  ],
  [
    ["tls", "cert_file"],
    ["server", "cert_file"],
  ],
  [
    ["tls", "key_file"],
    ["server", "key_file"],
  ],
  [
    ["jwt", "enabled"],
    ["server", "require_auth"],
  ],
];

describe("an old spelling", () => {
  test.each(spellings)("%p stands for %p", (old, current) => {
    expect(currentSpelling(old)).toEqual(current);
    expect(currentSpelling(current)).toEqual(current);
    expect(isPythonKey(old)).toBe(true);
    expect(isPythonKey(current)).toBe(false);
    const [section = "", name = ""] = old;
    const { content, warnings, places, problems } = translate(`${section}: { ${name}: x }`);
    expect(content).toEqual({ [section]: {}, [current[0] ?? ""]: { [current[1] ?? ""]: "x" } });
    expect(warnings).toEqual([
      { place: `f:1:${section.length + 5}`, text: `${old.join(".")} is the old spelling of ${current.join(".")}` },
    ]);
    expect(places).toEqual(new Map([[current.join("."), `f:1:${section.length + 5} (${old.join(".")})`]]));
    expect(problems).toEqual([]);
  });

  test.each(spellings)("%p that agrees with %p is only old", (old, current) => {
    const text = `${old[0]}: { ${old[1]}: x }\n${current[0]}: { ${current[1]}: x }`;
    const { problems, warnings, places } = translate(text);
    expect([problems.length, warnings.length, places.size]).toEqual([0, 1, 0]);
  });

  test.each(spellings)("%p that differs from %p is a problem that names both places", (old, current) => {
    const { problems } = translate(`${old[0]}:\n  ${old[1]}: true\n${current[0]}:\n  ${current[1]}: false`);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.place).toBe("f:2:3");
    expect(problems[0]?.text).toContain(`${current.join(".")} at f:4:3`);
  });

  test("is the one to change where the file has it", () => {
    const path = ["server", "use_tls"];
    expect(spellingInFile(path, { tls: { enabled: true } })).toEqual(["tls", "enabled"]);
    expect(spellingInFile(path, { tls: { enabled: true }, server: { use_tls: true } })).toEqual(path);
    expect(spellingInFile(path, {})).toEqual(path);
    expect(spellingInFile(["server", "port"], { tls: { enabled: true } })).toEqual(["server", "port"]);
  });

  test("that holds nothing is as good as absent", () => {
    expect(translate("tls: { enabled: , cert_file: null }\nserver: { use_tls: true }")).toMatchObject({
      warnings: [],
      problems: [],
    });
  });
});

describe("a key of the Python server that has no meaning here", () => {
  test.each([
    "jwt: { expiration_hours: 24 }",
    "tls: { hsts: { enabled: false, max_age: 1 } }",
    "acme: { enabled: false, domains: [] }",
    "acme:",
    "acme: { email: null, enabled: false, challenge: { type: null } }",
  ])("is passed over in silence where it is as it came: %s", (text) => {
    expect(translate(text).warnings).toEqual([]);
  });

  test.each([
    ["jwt: { expiration_hours: 1 }", "jwt.expiration_hours"],
    ["tls: { hsts: { enabled: true } }", "tls.hsts"],
    ["tls: { hsts: [] }", "tls.hsts"],
    ["acme: { enabled: true }", "acme"],
    ["acme: {}", "acme"],
  ])("is named otherwise: %s", (text, name) => {
    const { warnings, content } = translate(text);
    expect(warnings.map((warning) => warning.text)).toEqual([`${name} has no effect in this server`]);
    expect(JSON.stringify(content)).not.toContain(name.split(".").at(-1) ?? "");
  });
});
