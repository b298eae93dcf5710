import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeSecret } from "../../../../src/cli/generate-secret.ts";
import { createToken } from "../../../../src/cli/token/create.ts";
import { readCreateFlags } from "../../../../src/cli/token/create-flags.ts";
import { rotate } from "../../../../src/cli/token/rotate-secret.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { collect, contextIn, makeHome, refusalOf } from "./token-context.ts";

const freshFolder = temporaryFolders();
const long = "k".repeat(64);

async function issueIn(environment: Readonly<Record<string, string>>): Promise<string> {
  const { context, text } = await contextIn(environment);
  await createToken(readCreateFlags({ subject: "alice" }, []), context);
  return text().trim();
}

async function isAccepted(environment: Readonly<Record<string, string>>, token: string): Promise<boolean> {
  const { context } = await contextIn(environment);
  return await context.tools.verify(token).then(
    () => true,
    () => false,
  );
}

describe("token rotate-secret", () => {
  test("replaces the secret; tokens of the old one go on as long as a new token is valid", async () => {
    const { home, environment } = makeHome(freshFolder());
    const token = await issueIn(environment);
    const file = join(home, "jwt-secret");
    const old = readFileSync(file, "utf8");
    const { context, text } = await contextIn(environment);
    await rotate({ overlapSeconds: undefined, json: false }, context);
    expect(readFileSync(file, "utf8")).not.toBe(old);
    expect(text()).toContain(`Secret        ${file}`);
    expect(text()).toMatch(/Old secret +accepted until 20.*Z \(in 30 days\); kept in .*jwt-secret.previous/);
    expect(text()).not.toContain(old.trim());
    expect(await isAccepted(environment, token)).toBe(true);
    expect(await isAccepted(environment, await issueIn(environment))).toBe(true);
  });

  test("without an overlap ends all tokens at once", async () => {
    const { home, environment } = makeHome(freshFolder());
    const token = await issueIn(environment);
    const { context, text } = await contextIn(environment);
    await rotate({ overlapSeconds: 0, json: false }, context);
    expect(text()).toContain("all tokens that were issued until now are refused");
    expect(existsSync(join(home, "jwt-secret.previous"))).toBe(false);
    expect(await isAccepted(environment, token)).toBe(false);
  });

  test("works for the file that the configuration names, and prints JSON", async () => {
    const folder = freshFolder();
    const file = join(folder, "secret");
    writeFileSync(file, long, { mode: 0o600 });
    const { environment } = makeHome(folder, `jwt: { secret_key_file: ${file} }\n`);
    const { context, text } = await contextIn(environment);
    await rotate({ overlapSeconds: 3600, json: true }, context);
    expect(JSON.parse(text())).toMatchObject({ file, previous_file: `${file}.previous`, dropped: null });
    expect(readFileSync(file, "utf8")).not.toContain(long);
  });

  test("says which tokens end because there is room for one old secret", async () => {
    const { environment } = makeHome(freshFolder());
    await issueIn(environment);
    for (const expected of ["", "warning: tokens of the secret before the old one"]) {
      const { context, notes } = await contextIn(environment);
      await rotate({ overlapSeconds: 3600, json: false }, context);
      expect(notes()).toStartWith(expected);
    }
  });

  test.each([
    ["a variable", undefined, { VIBECTL_JWT_SECRET: long }, "VIBECTL_JWT_SECRET"],
    ["the configuration", `jwt: { secret_key: ${long} }\n`, {}, "jwt.secret_key"],
  ])("refuses where the secret comes from %s, and says what to do by hand", async (_, configuration, more, source) => {
    const { environment } = makeHome(freshFolder(), configuration);
    const { context } = await contextIn({ ...environment, ...more });
    const refusal = await refusalOf(() => rotate({ overlapSeconds: undefined, json: false }, context));
    expect(refusal).toMatch(/^ConfigurationError: The secret comes from .*, which this command can't change/);
    expect(refusal).toContain(source);
    expect(refusal).toContain("VIBECTL_JWT_PREVIOUS_SECRET");
    expect(refusal).not.toContain(long);
  });

  test("refuses where tokens are signed with a key pair", async () => {
    const { context } = await contextIn({ HOME: freshFolder() });
    const tools = { ...context.tools, algorithm: "ES256" as const, secret: undefined };
    const refusal = await refusalOf(() => rotate({ overlapSeconds: 0, json: false }, { ...context, tools }));
    expect(refusal).toContain("Tokens are signed with ES256, so there is no secret to rotate");
    expect(refusal).toContain("JWKS");
  });
});

describe("generate-secret", () => {
  test("prints a secret alone, each time another", async () => {
    const printed = collect();
    for (let time = 0; time < 2; time++) await makeSecret({ file: undefined, force: false }, printed.output);
    const [first, second] = printed.text().trim().split("\n");
    expect(first).toMatch(/^[\w-]{86}$/);
    expect(second).not.toBe(first);
    expect(printed.notes()).toBe("");
  });

  test("writes it to a file for its owner alone, and replaces one only when told to", async () => {
    const file = join(freshFolder(), "secret");
    const { output, text, notes } = collect();
    await makeSecret({ file, force: false }, output);
    const first = readFileSync(file, "utf8");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await refusalOf(() => makeSecret({ file, force: false }, output))).toContain("is there already");
    expect(readFileSync(file, "utf8")).toBe(first);
    await makeSecret({ file, force: true }, output);
    expect(readFileSync(file, "utf8")).not.toBe(first);
    expect(text() + notes()).not.toContain(first.trim());
  });

  test("refuses --force without a file", async () => {
    const refusal = await refusalOf(() => makeSecret({ file: undefined, force: true }, collect().output));
    expect(refusal).toStartWith("UsageError: --force is of no use without --output");
  });
});
