import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createToken } from "../../../../src/cli/token/create.ts";
import { type CreateFlags, readCreateFlags } from "../../../../src/cli/token/create-flags.ts";
import { FileError } from "../../../../src/errors.ts";
import { temporaryFolders } from "../../../temporary-folder.ts";
import { contextIn, makeHome, refusalOf } from "./token-context.ts";

const freshFolder = temporaryFolders();

/** Flags as citty gives them. */
function flagsOf(rawArgs: readonly string[]): CreateFlags {
  const flags: Record<string, string | boolean> = { subject: "alice" };
  for (const [index, word] of rawArgs.entries()) {
    const next = rawArgs[index + 1];
    if (word.startsWith("--")) flags[word.slice(2)] = next === undefined || next.startsWith("--") ? true : next;
  }
  return flags as unknown as CreateFlags;
}

const read = (...rawArgs: string[]) => readCreateFlags(flagsOf(rawArgs), rawArgs);

async function create(home: string, ...rawArgs: string[]) {
  const { context, text, notes } = await contextIn({ HOME: home });
  await createToken(read(...rawArgs), context);
  return { out: text(), notes: notes(), tools: context.tools };
}

describe("token create", () => {
  test("prints the token alone, and says on stderr until when it is valid", async () => {
    const { out, notes, tools } = await create(freshFolder());
    expect(out).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(notes).toMatch(/^The token of alice is valid until 20[\d-]+T[\d:]+Z, for 30 days\n$/);
    const claims = await tools.verify(out.trim());
    expect(claims).toMatchObject({ subject: "alice", scopes: ["info", "execute"], models: undefined, limits: {} });
  });

  test("puts what it may do into it, and keeps the same in the store", async () => {
    const flags = ["--scope", "admin", "--model", "anthropic/*", "--model", "echo", "--max-rpm", "20"];
    const { out, notes, tools } = await create(freshFolder(), ...flags, "--request-timeout", "30");
    const claims = await tools.verify(out.trim());
    expect(claims).toMatchObject({
      scopes: ["info", "execute", "admin"],
      models: ["anthropic/*", "echo"],
      limits: { maxRequestsPerMinute: 20, requestTimeoutSeconds: 30 },
    });
    const store = tools.openStore();
    const { revokedAt, ...stored } = store.find(claims.id ?? "") ?? { revokedAt: undefined };
    expect({ ...claims }).toMatchObject(stored);
    expect(revokedAt).toBeUndefined();
    expect(notes).toContain("this version does not enforce limits yet");
  });

  test("says what m means where it was written", async () => {
    const home = freshFolder();
    const months = await create(home, "--expires-in", "6m");
    expect(months.notes).toContain("for 180 days\nnote: m counts months; minutes are written 30min\n");
    expect((await create(home, "--expires-in", "6mo")).notes).not.toContain("minutes");
  });

  test("takes the configuration's lifetime where none is given", async () => {
    const home = freshFolder();
    makeHome(home, "jwt: { expiration_days: 0.5 }\n");
    expect((await create(home)).notes).toContain("for 12 hours");
  });

  test("writes it to a file for its owner alone, replacing a token that is there", async () => {
    const home = freshFolder();
    const file = join(home, "alice.jwt");
    writeFileSync(file, "eyJhbGciOiJIUzI1NiJ9.e30.x\n", { mode: 0o644 });
    const { out, notes, tools } = await create(home, "--output", file);
    expect(out).toBe("");
    expect(notes).toContain(`Wrote it to ${file}`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await tools.verify(readFileSync(file, "utf8").trim())).subject).toBe("alice");
  });

  test("replaces a file that holds something else only where it is forced, and issues nothing before", async () => {
    const home = freshFolder();
    const file = join(home, "notes.txt");
    writeFileSync(file, "my notes\n");
    const { context } = await contextIn({ HOME: home });
    const refusal = await refusalOf(() => createToken(read("--output", file), context));
    expect(refusal).toStartWith(`FileError: ${file} is there already, and holds something else than a token | `);
    expect(refusal).toContain("--force");
    expect(readFileSync(file, "utf8")).toBe("my notes\n");
    expect(await context.tools.readStore()).toBeUndefined();
    expect(await refusalOf(() => createToken(read("--output", home, "--force"), context))).toContain("it is a folder");
    expect(await context.tools.readStore()).toBeUndefined();
    await createToken(read("--output", file, "--force"), context);
    expect(readFileSync(file, "utf8")).toStartWith("eyJ");
  });

  test("warns of a URL over which the token would travel unencrypted, and takes TLS from its flag", async () => {
    const home = freshFolder();
    const plain = await create(home, "--url", "llm.example.com");
    expect(plain.out).toStartWith("vibectl-server-insecure://");
    expect(plain.notes).toContain("warning: with this URL the token travels unencrypted to llm.example.com, because");
    expect(plain.notes).toContain("give --tls");
    const tls = await create(home, "--url", "llm.example.com", "--tls");
    expect(tls.out).toStartWith("vibectl-server://eyJ");
    expect(tls.notes).not.toContain("warning");
    expect((await create(home, "--url", "localhost")).notes).not.toContain("warning");
    const said = readCreateFlags({ subject: "alice", url: "llm.example.com", tls: false }, []);
    expect(said.url).toMatchObject({ host: "llm.example.com", tls: false });
    expect(await refusalOf(() => read("--tls"))).toContain("--tls is for the URL that --url prints");
  });

  test("prints the URL that clients take, in the scheme and with the port of the configuration", async () => {
    const plain = await create(freshFolder(), "--url", "localhost");
    expect(plain.out).toMatch(/^vibectl-server-insecure:\/\/eyJ[\w.-]+@localhost:50051\n$/);
    const home = freshFolder();
    makeHome(home, "server: { use_tls: true, port: 7000 }\n");
    expect((await create(home, "--url", "LLM.example.com")).out).toMatch(
      /^vibectl-server:\/\/eyJ.*@llm.example.com:7000\n$/,
    );
    expect((await create(home, "--url", "[2001:db8::1]:443")).out).toMatch(/@\[2001:db8::1\]:443\n$/);
  });

  test("asks for a port where the configuration has none", async () => {
    const home = freshFolder();
    makeHome(home, "server: { port: 0 }\n");
    expect(await refusalOf(() => create(home, "--url", "a"))).toContain("ConfigurationError: --url needs a port");
  });

  test("prints JSON, with the token in it unless that went to a file", async () => {
    const home = freshFolder();
    const { out } = await create(home, "--json", "--scope", "info", "--expires-in", "1h");
    expect(JSON.parse(out)).toMatchObject({ token: expect.stringMatching(/^eyJ/), subject: "alice", scopes: ["info"] });
    const file = join(home, "token");
    const written = JSON.parse((await create(home, "--json", "--output", file)).out);
    expect(written).toMatchObject({ file, listed: true });
    expect(written).not.toHaveProperty("token");
  });

  test("issues after a revocation a token that works at once", async () => {
    const home = freshFolder();
    const { tools } = await create(home);
    const store = tools.openStore();
    const { at } = store.revoke({ kind: "subject", name: "alice" });
    const { out } = await create(home);
    expect((await tools.verify(out.trim())).issuedAt?.getTime()).toBeGreaterThan(at.getTime());
    expect(store.list().map(({ revokedAt }) => revokedAt === undefined)).toEqual([true, false]);
  });

  test("refuses to issue one that no server would take, because the clock was set back", async () => {
    const { context } = await contextIn({ HOME: freshFolder() });
    context.tools.openStore().revoke({ kind: "subject", name: "alice" });
    const early = { ...context, now: new Date(context.now.getTime() - 3_600_000) };
    expect(await refusalOf(() => createToken(read(), early))).toContain(
      "which is in the future | Set this machine's clock",
    );
  });

  test("issues nothing where it can't be listed, and names the way out", async () => {
    const home = freshFolder();
    const { state } = makeHome(home);
    mkdirSync(join(state, "tokens.db"), { recursive: true });
    expect(await refusalOf(() => create(home))).toMatch(/^FileError: The token can't be listed, .*--unlisted/);
    const { out, notes } = await create(home, "--unlisted");
    expect(out).toStartWith("eyJ");
    expect(notes).toContain("it is not listed");
  });

  test("issues nothing where the list can't be written any more", async () => {
    const { context, text } = await contextIn({ HOME: freshFolder() });
    const store = context.tools.openStore();
    store.record = () => {
      throw new FileError("tokens.db can't be written: the disk is full", { hint: "Make room." });
    };
    const tools = { ...context.tools, openStore: () => store };
    expect(await refusalOf(() => createToken(read(), { ...context, tools }))).toContain(
      "the disk is full | Make room. With",
    );
    expect(text()).toBe("");
  });

  test("keeps nothing of one that is not to be listed", async () => {
    const home = freshFolder();
    await create(home, "--unlisted");
    expect(existsSync(join(makeHome(home).state, "tokens.db"))).toBe(false);
  });

  test("says why where there is no key to sign with", async () => {
    const { context } = await contextIn({ HOME: freshFolder() });
    const tools = { ...context.tools, signing: undefined, whyNoSigning: "Tokens are issued elsewhere" };
    expect(await refusalOf(() => createToken(read(), { ...context, tools }))).toBe(
      "ConfigurationError: Tokens are issued elsewhere | Have tokens issued where that key is.",
    );
  });

  test("signs with a private key, and not where there is only the public one", async () => {
    const home = freshFolder();
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const [privateFile, publicFile] = [join(home, "key.pem"), join(home, "public.pem")];
    writeFileSync(privateFile, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    writeFileSync(publicFile, publicKey.export({ type: "spki", format: "pem" }));
    makeHome(home, `jwt: { algorithm: ES256, private_key_file: ${privateFile} }\n`);
    const { out, tools } = await create(home);
    expect((await tools.verify(out.trim())).subject).toBe("alice");
    makeHome(home, `jwt: { algorithm: ES256, public_key_file: ${publicFile} }\n`);
    expect(await refusalOf(() => create(home))).toContain(`Tokens are issued by somebody else, whose public key is in`);
  });

  test("tells what the operator should know", async () => {
    const home = freshFolder();
    await create(home);
    chmodSync(join(makeHome(home).home, "jwt-secret"), 0o644);
    expect((await create(home)).notes).toContain("warning: ");
  });
});

describe("a wrong flag of token create is refused", () => {
  test.each([
    [["--expires-in", "soon"], '--expires-in is "soon", which is no duration'],
    [["--expires-in", "0"], '--expires-in is "0", which is no time at all'],
    [["--model", "a b"], '--model is "a b", which has a space'],
    [["--model", "x".repeat(201)], "which has 201 characters; 200 are allowed"],
    [Array.from({ length: 101 }, () => ["--model", "a"]).flat(), "--model is given 101 times; 100 are allowed"],
    [["--scope", "exeucte"], '--scope is "exeucte", but may be execute, info, admin | Did you mean execute?'],
    [["--scope", "info,"], '--scope is ""'],
    [["--scope", "info, admin"], '--scope is " admin"'],
    [["--scope", "Admin"], '--scope is "Admin"'],
    [["--max-rpm", "0"], '--max-rpm is "0", which is no whole number'],
    [["--max-rpm", "1.5"], '--max-rpm is "1.5"'],
    [["--max-concurrent", "many"], '--max-concurrent is "many"'],
    [["--max-input-length", "1e3"], '--max-input-length is "1e3"'],
    [["--request-timeout", "9007199254740992"], '--request-timeout is "9007199254740992"'],
    [["--url", "https://a"], "the scheme is put there by the configuration"],
    [["--url", "eyJhbGciOiJIUzI1NiJ9.e30.x@a"], "--url takes no @"],
    [["--url", "a:"], "the port is missing after the colon"],
    [["--url", "a:0"], 'the port "0" is no number from 1 to 65535'],
    [["--url", "a:65536"], 'the port "65536" is no number'],
    [["--url", "a:b"], 'the port "b" is no number'],
    [["--url", "::1"], "an IPv6 address stands without brackets"],
    [["--url", "[::1"], "the bracket before the IPv6 address is not closed"],
    [["--url", "[::g]"], "what stands in brackets is no IPv6 address"],
    [["--url", "a/b"], "it goes on after the port"],
    [["--url", "a b"], "it has a blank"],
    [["--url", ":50051"], "the host is missing"],
    [["--url", "-a_b!"], "the host has a character that no host name has"],
  ])("%p", async (rawArgs, expected) => {
    const refusal = await refusalOf(() => read(...rawArgs));
    expect(refusal).toStartWith("UsageError: --");
    expect(refusal).toContain(expected);
    expect(refusal).not.toContain("eyJ");
  });

  test.each([
    ["", "is empty"],
    [" alice", "begins or ends with a blank"],
    ["al\u200bice", "can't be seen"],
    ["al\nice", "can't be seen"],
    ["x".repeat(257), "257 characters"],
    ["e\u0301", "NFC"],
  ])("SUBJECT %p", async (subject, expected) => {
    const refusal = await refusalOf(() => readCreateFlags({ subject }, []));
    expect(refusal).toStartWith("UsageError: SUBJECT is ");
    expect(refusal).toContain(expected);
  });
});
