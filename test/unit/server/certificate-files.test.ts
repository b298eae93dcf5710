import { describe, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { ConfigurationError, FileError } from "../../../src/errors.ts";
import { encryptPrivateKey } from "../../../src/pki/issuing/encrypted-key.ts";
import { systemRandom } from "../../../src/pki/issuing/keys.ts";
import { profiles } from "../../../src/pki/issuing/profile.ts";
import { daysFromNow, makeParty, makeRoot, now } from "../pki/authorities.ts";
import { failureOf } from "../pki/failure.ts";
import { configured, freshHomes } from "./homes.ts";

const makeHome = freshHomes();
const passphrase = "a päss phrase";
const root = await makeRoot("A root");
const leaf = await makeParty({ hosts: ["llm.example.org"], profile: profiles.serverLeaf, issuer: root });
const encryptedKey = await encryptPrivateKey(leaf.key, passphrase, systemRandom);

describe("files that are configured", () => {
  const makeFiles = (tls: object = {}, key = leaf.keyText) => {
    const pair = { "tls.crt": leaf.text, "tls.key": key, "root.crt": root.text };
    const { fileIn, choose, paths } = makeHome({ ...pair, "other.crt": leaf.text });
    const server = { cert_file: fileIn("tls.crt"), key_file: fileIn("tls.key") };
    return { paths, fileIn, choose: (more: object = {}) => choose(configured, { server, tls: { ...tls, ...more } }) };
  };

  test("are served as they are, and nothing is made", async () => {
    const { fileIn, choose, paths } = makeFiles();
    const source = choose();
    expect(source.name).toContain(fileIn("tls.crt"));
    expect(source.files).toEqual([fileIn("tls.crt"), fileIn("tls.key")]);
    const served = await source.load(now, "start");
    expect(served).toMatchObject({ issuedHere: false, bundleFile: undefined, outcome: "loaded" });
    expect(served.identity.certificateChain).toBe(leaf.text);
    expect(leaf.certificate.checkPrivateKey(createPrivateKey(served.identity.privateKey))).toBe(true);
    expect(existsSync(paths.home)).toBe(false);
  });

  test("are read anew each time", async () => {
    const { fileIn, choose } = makeFiles();
    const source = choose();
    await source.load(now, "start");
    const next = await makeParty({ hosts: ["b.example"], profile: profiles.serverLeaf, issuer: root });
    writeFileSync(fileIn("tls.crt"), next.text);
    writeFileSync(fileIn("tls.key"), next.keyText);
    expect((await source.load(now, "start")).identity.certificateChain).toBe(next.text);
  });

  test("that are not there, or have ended, are an error", async () => {
    const { choose, fileIn } = makeHome();
    const server = { cert_file: fileIn("tls.crt"), key_file: fileIn("tls.key") };
    expect((await failureOf(choose(configured, { server }).load(now, "start"))).code).toBe("CERTIFICATE_NOT_FOUND");
    expect((await failureOf(makeFiles().choose().load(daysFromNow(91), "start"))).code).toBe("CERTIFICATE_EXPIRED");
  });

  test("have to lead to the bundle, which is then what clients trust", async () => {
    const { fileIn, choose } = makeFiles();
    const bundle = fileIn("root.crt");
    const source = choose({ ca_bundle_file: bundle });
    expect(source.files).toEqual([fileIn("tls.crt"), fileIn("tls.key"), bundle]);
    expect(await source.load(now, "start")).toMatchObject({ bundleFile: bundle, warnings: [] });
    writeFileSync(bundle, (await makeRoot("A root")).text);
    const error = await failureOf(source.load(now, "start"));
    expect([error.code, error.message]).toEqual([
      expect.stringMatching(/^CERTIFICATE_CHAIN_/),
      expect.stringContaining("tls.crt"),
    ]);
    const missing = await failureOf(choose({ ca_bundle_file: fileIn("missing.crt") }).load(now, "start"));
    expect([missing.code, missing.message]).toEqual([
      "CERTIFICATE_NOT_FOUND",
      expect.stringContaining(fileIn("missing.crt")),
    ]);
  });

  test("have to cover the hosts that clients dial, not the address that is listened on", async () => {
    const { choose } = makeFiles();
    await choose({ hosts: ["llm.example.org"] }).load(now, "start");
    const error = await failureOf(choose({ hosts: ["llm.example.org", "b.example"] }).load(now, "start"));
    expect([error.code, error.message]).toEqual(["CERTIFICATE_HOST_MISMATCH", expect.stringContaining("b.example")]);
  });

  test("may have a key that others can read only where that is allowed", async () => {
    const { fileIn, choose } = makeFiles();
    chmodSync(fileIn("tls.key"), 0o644);
    expect((await failureOf(choose().load(now, "start"))).code).toBe("KEY_EXPOSED");
    const { warnings } = await choose({ allow_loose_permissions: true }).load(now, "start");
    expect(warnings).toContainEqual(expect.stringMatching(/tls\.key holds a private key and has mode 644/));
  });

  describe("with a passphrase", () => {
    const load = (content: string | undefined) => {
      const { fileIn, choose } = makeFiles({}, encryptedKey);
      const file = fileIn("passphrase");
      if (content !== undefined) writeFileSync(file, content);
      return choose({ key_passphrase_file: file }).load(now, "start");
    };

    test("that changes, the certificate is loaded anew", () => {
      const { fileIn, choose } = makeFiles({}, encryptedKey);
      const file = fileIn("passphrase");
      expect(choose({ key_passphrase_file: file }).files).toEqual([fileIn("tls.crt"), fileIn("tls.key"), file]);
    });

    test.each([
      ["without a line end", passphrase],
      ["with a line end", `${passphrase}\n`],
      ["with a line end of Windows", `${passphrase}\r\n`],
    ])("in a file %s are decrypted", async (_, content) => {
      const { identity } = await load(content);
      expect(identity.privateKey).toBe(leaf.keyText);
    });

    test.each([
      ["that is wrong", "an0ther passphrase\n"],
      ["with a blank behind it", `${passphrase} \n`],
    ])("%s are an error that does not tell it", async (_, content) => {
      const error = await failureOf(load(content));
      expect(error.code).toBe("KEY_PASSPHRASE_WRONG");
      expect(`${error.message} ${error.hint}`).not.toContain(content.trim());
    });

    test("whose file is missing are an error that names it", async () => {
      const error = await failureOf(load(undefined));
      expect(error.message).toMatch(/^tls\.key_passphrase_file names .*passphrase, .*does not exist/);
      expect(error).toBeInstanceOf(FileError);
    });

    test.each(["", "\n"])("whose file holds nothing but %j are an error", async (content) => {
      const loading = load(content);
      await expect(loading).rejects.toThrow(ConfigurationError);
      await expect(loading).rejects.toThrow(/passphrase, which tls\.key_passphrase_file names, holds no passphrase$/);
    });

    test("that nobody gives are an error", async () => {
      const error = await failureOf(makeFiles({}, encryptedKey).choose().load(now, "start"));
      expect([error.code, error.hint]).toEqual(["KEY_ENCRYPTED", expect.stringContaining("passphrase")]);
    });
  });
});
