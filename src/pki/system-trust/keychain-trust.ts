import type { KeychainStore } from "./system-store.ts";
import { commandFailure, type TrustContext, type TrustEntry } from "./trust-entry.ts";

/**
 * One certificate in a keychain of macOS. Its security(1) asks for an administrator's password where it needs one, and
 * tells being in the keychain from being trusted.
 */
export function keychainEntry({ keychain }: KeychainStore, context: TrustContext): TrustEntry {
  const { file, certificate, run } = context;
  // By SHA-1 because every macOS lists and deletes certificates by that.
  const fingerprint = certificate.fingerprint.replaceAll(":", "");
  const security = (...words: string[]) => {
    const command = ["security", ...words] as const;
    return { command, done: run(command) };
  };
  const isHeld = async () => {
    const { output } = await security("find-certificate", "-a", "-Z", keychain).done;
    return output.includes(fingerprint);
  };
  const isVerified = async () => (await security("verify-cert", "-l", "-L", "-p", "basic", "-c", file).done).code === 0;
  const drop = () => security("delete-certificate", "-Z", fingerprint, keychain);

  return {
    place: keychain,
    isTrusted: async () => (await isHeld()) && (await isVerified()),
    add: async () => {
      const before = await isHeld();
      const { command, done } = security("add-trusted-cert", "-d", "-r", "trustRoot", "-k", keychain, file);
      const result = await done;
      if (result.code === 0) return;
      // It puts the certificate into the keychain before it asks whether to trust it.
      const left = !before && (await isHeld()) && (await drop().done).code !== 0;
      const consequence = left ? `The certificate is left, not trusted, in ${keychain}` : "Nothing was changed";
      throw commandFailure(command, result, consequence, context);
    },
    remove: async () => {
      if (!(await isHeld())) return false;
      // This fails too where the certificate is in the keychain without being trusted.
      const trusting = security("remove-trusted-cert", "-d", file);
      const revoked = await trusting.done;
      if (revoked.code !== 0 && (await isVerified())) {
        throw commandFailure(trusting.command, revoked, "The certificate is still trusted", context);
      }
      const { command, done } = drop();
      const result = await done;
      if (result.code === 0) return true;
      throw commandFailure(command, result, `The certificate is left, not trusted, in ${keychain}`, context);
    },
  };
}
