import { expect, test } from "bun:test";
import type { RunCommand } from "../../../../src/pki/system-trust/run-command.ts";
import { addToSystemTrust, removeFromSystemTrust } from "../../../../src/pki/system-trust/system-trust.ts";
import { makeRoot } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { trustSystems } from "./trust-system.ts";

const ca = await makeRoot("A root");
const root = trustSystems().rootFileOf(ca);
const keychain = "/Library/Keychains/System.keychain";
const sha1 = ca.certificate.fingerprint.replaceAll(":", "");
const find = `security find-certificate -a -Z ${keychain}`;
const verify = `security verify-cert -l -L -p basic -c ${root.file}`;
const add = `security add-trusted-cert -d -r trustRoot -k ${keychain} ${root.file}`;
const distrust = `security remove-trusted-cert -d ${root.file}`;
const drop = `security delete-certificate -Z ${sha1} ${keychain}`;

/** Behaves as security(1) does; `refuse` holds the subcommand for which the user gives no password. */
function makeMac(refuse?: string) {
  const state = { held: false, trusted: false, commands: [] as string[] };
  const answers: Record<string, () => boolean> = {
    "find-certificate": () => state.held,
    "verify-cert": () => state.trusted,
    "add-trusted-cert": () => {
      state.held = true;
      state.trusted ||= refuse !== "add-trusted-cert";
      return state.trusted;
    },
    "remove-trusted-cert": () => {
      const done = state.trusted && refuse !== "remove-trusted-cert";
      if (done) state.trusted = false;
      return done;
    },
    "delete-certificate": () => {
      state.held = false;
      return true;
    },
  };
  const run: RunCommand = async (command) => {
    state.commands.push(command.join(" "));
    const done = answers[command[1] ?? ""]?.() ?? false;
    const output = command[1] === "find-certificate" && done ? `SHA-1 hash: ${sha1}\n` : "";
    return { code: done ? 0 : 1, output: done ? output : "The authorization was denied.\n" };
  };
  return { state, options: { platform: "darwin", run, asAdministrator: undefined } as const };
}

test("the certificate goes into the system's keychain and out of it", async () => {
  const { state, options } = makeMac();
  expect(await addToSystemTrust(root, options)).toEqual({ outcome: "added", place: keychain });
  expect(await addToSystemTrust(root, options)).toEqual({ outcome: "present", place: keychain });
  expect(await removeFromSystemTrust(root, options)).toEqual({ outcome: "removed", place: keychain });
  expect(await removeFromSystemTrust(root, options)).toEqual({ outcome: "absent", place: keychain });
  expect(state).toEqual({
    held: false,
    trusted: false,
    commands: [find, find, add, find, verify, find, distrust, drop, find],
  });
});

test("it is taken out of the keychain again when the user does not allow it to be trusted", async () => {
  const { state, options } = makeMac("add-trusted-cert");
  const error = await failureOf(addToSystemTrust(root, options));
  expect(error.message).toBe(`\`${add}\` failed: The authorization was denied. Nothing was changed`);
  expect(state.held).toBe(false);
});

test("one that is in the keychain without being trusted can be trusted, and taken out", async () => {
  const { state, options } = makeMac();
  state.held = true;
  expect((await addToSystemTrust(root, options)).outcome).toBe("added");
  state.trusted = false;
  expect((await removeFromSystemTrust(root, options)).outcome).toBe("removed");
});

test("one whose trust the user does not allow to be taken stays", async () => {
  const { state, options } = makeMac("remove-trusted-cert");
  await addToSystemTrust(root, options);
  expect((await failureOf(removeFromSystemTrust(root, options))).message).toContain("still trusted");
  expect(state).toMatchObject({ held: true, trusted: true });
});
