import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { loadRoots } from "../../../src/client/trust.ts";
import { CheckError, FileError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();
const [first = "", second = ""] = rootCertificates;

function fileWith(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function refusal(caBundle: string): Promise<Error & { hint?: string | undefined }> {
  return loadRoots({ caBundle, environment: {} }).then(
    () => Promise.reject(new Error("it was taken")),
    (error) => error,
  );
}

describe("the roots to trust", () => {
  test("are those of the bundle, whatever stands between them", async () => {
    const caBundle = fileWith("two.pem", `# first\n${first}\nand a second:\r\n${second}\n`);
    const roots = await loadRoots({ caBundle, environment: { VIBECTL_CA_BUNDLE: "/elsewhere" } });
    expect(roots.certificates).toHaveLength(2);
    expect(roots).toMatchObject({ source: caBundle, named: true });
  });

  test("are those of VIBECTL_CA_BUNDLE where no bundle is named", async () => {
    const path = fileWith("one.pem", first);
    expect((await loadRoots({ environment: { VIBECTL_CA_BUNDLE: path } })).source).toBe(path);
  });

  test("are the system's where no bundle is named, and the public ones in a container that has none", async () => {
    const roots = await loadRoots({ environment: { VIBECTL_CA_BUNDLE: "" } });
    expect(roots.named).toBe(false);
    expect(roots.certificates).toEqual(expect.arrayContaining([first, second]));
  });
});

describe("a CA bundle", () => {
  test("that is missing is named, with what it should be", async () => {
    const path = join(folder, "missing.pem");
    const error = await refusal(path);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toBe(`The CA bundle ${path} does not exist`);
    expect(error.hint).toContain("ca-bundle.crt");
  });

  test("that is missing names the variable that it came from", async () => {
    const environment = { VIBECTL_CA_BUNDLE: join(folder, "missing.pem") };
    await expect(loadRoots({ environment })).rejects.toThrow("The CA bundle in VIBECTL_CA_BUNDLE ");
  });

  test("can't be a folder", async () => {
    const path = join(folder, "folder.pem");
    mkdirSync(path);
    const error = await refusal(path);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toContain("it is a folder");
  });

  test.each([
    ["empty", " \n", "is empty"],
    ["text", "hello", "is not PEM"],
    ["cut off", first.slice(0, 200), "is cut off"],
    ["a key", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n", 'holds "PRIVATE KEY"'],
    ["damaged", `${first}\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n`, "certificate number 2"],
  ])("that is %s is refused", async (_, text, problem) => {
    const error = await refusal(fileWith("bad.pem", text));
    expect(error).toBeInstanceOf(CheckError);
    expect(error.message).toContain(problem);
  });
});
