import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runCommand } from "../../../../src/pki/system-trust/run-command.ts";
import { findSystemStore } from "../../../../src/pki/system-trust/system-store.ts";
import {
  addToSystemTrust,
  isInSystemTrust,
  readRootFile,
  removeFromSystemTrust,
} from "../../../../src/pki/system-trust/system-trust.ts";
import { makeIntermediate, makeParty, makeRoot } from "../authorities.ts";
import { failureOf } from "../failure.ts";
import { folderStores, trustSystems } from "./trust-system.ts";

const { folder, rootFileOf, makeSystem } = trustSystems();
const ca = await makeRoot("A root");
const namesake = await makeRoot("A root");
const intermediate = await makeIntermediate(ca);
const leaf = await makeParty({ commonName: "localhost", hosts: ["localhost"], issuer: ca });
const root = rootFileOf(ca);

const nameInStore = /^vibectl-server-[0-9a-f]{16}\.crt$/;

describe("each system's store", () => {
  test.each(folderStores.map((store) => [store.systems, store] as const))(
    "of %s is found, filled and emptied",
    async (_, store) => {
      const system = makeSystem(store);
      expect(findSystemStore(system)).toBe(store);
      expect(await isInSystemTrust(root, system)).toBe(false);

      const added = await addToSystemTrust(root, system);
      expect(added.outcome).toBe("added");
      expect(dirname(added.place)).toBe(system.store);
      expect(readdirSync(system.store)).toEqual([expect.stringMatching(nameInStore)]);
      expect(readFileSync(added.place, "utf8")).toBe(ca.text);
      expect(statSync(added.place).mode & 0o777).toBe(0o644);
      expect(await isInSystemTrust(root, system)).toBe(true);

      expect(await removeFromSystemTrust(root, system)).toEqual({ outcome: "removed", place: added.place });
      expect(readdirSync(system.store)).toEqual([]);
      expect(await isInSystemTrust(root, system)).toBe(false);
      expect(system.commands).toEqual([store.add.join(" "), store.remove.join(" ")]);
    },
  );

  test("is told by its name, the folder and the command that its makers document", () => {
    expect(folderStores.map(({ systems, folder: path, add }) => [systems, path, add.join(" ")])).toEqual([
      ["Fedora and RHEL", "etc/pki/ca-trust/source/anchors", "update-ca-trust extract"],
      ["openSUSE", "etc/pki/trust/anchors", "update-ca-certificates"],
      ["Arch", "etc/ca-certificates/trust-source/anchors", "update-ca-trust"],
      ["Debian, Ubuntu and Alpine", "usr/local/share/ca-certificates", "update-ca-certificates"],
    ]);
  });
});

describe("a certificate", () => {
  test("that is trusted twice is there already the second time, and nothing is run", async () => {
    const system = makeSystem();
    const { place } = await addToSystemTrust(root, system);
    expect(await addToSystemTrust(root, system)).toEqual({ outcome: "present", place });
    expect(system.commands).toHaveLength(1);
  });

  test("whose file was left by an attempt that broke off is taken up by the next", async () => {
    const system = makeSystem();
    await addToSystemTrust(root, system);
    writeFileSync(system.bundle, "");
    expect((await addToSystemTrust(root, system)).outcome).toBe("added");
    expect(await isInSystemTrust(root, system)).toBe(true);
  });

  test("is judged by its file alone where the system has no bundle", async () => {
    const system = makeSystem();
    rmSync(dirname(system.bundle), { recursive: true });
    system.run = async () => ({ code: 0, output: "" });
    expect((await addToSystemTrust(root, system)).outcome).toBe("added");
    expect(await isInSystemTrust(root, system)).toBe(true);
    expect((await removeFromSystemTrust(root, system)).outcome).toBe("removed");
  });

  test("that is not there is said to be absent, and nothing is run", async () => {
    const system = makeSystem();
    const { outcome, place } = await removeFromSystemTrust(root, system);
    expect(outcome).toBe("absent");
    expect(place).toStartWith(join(system.store, "vibectl-server-"));
    expect(system.commands).toEqual([]);
  });

  test("is taken out without another of the same name", async () => {
    const system = makeSystem();
    const other = rootFileOf(namesake);
    await addToSystemTrust(root, system);
    await addToSystemTrust(other, system);
    expect(readdirSync(system.store)).toHaveLength(2);
    expect((await removeFromSystemTrust(root, system)).outcome).toBe("removed");
    expect(await isInSystemTrust(root, system)).toBe(false);
    expect(await isInSystemTrust(other, system)).toBe(true);
  });

  test("that somebody put there under another name can't be taken out, and the error says where it is", async () => {
    const system = makeSystem();
    await addToSystemTrust(root, system);
    writeFileSync(join(system.store, "mine.crt"), ca.text);
    const error = await failureOf(removeFromSystemTrust(root, system));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toContain(system.bundle);
    expect(error.hint).toContain(system.store);
    expect(readdirSync(system.store)).toEqual(["mine.crt"]);
  });

  test("of a server is refused, and nothing is written", async () => {
    const system = makeSystem();
    const error = await failureOf(addToSystemTrust(rootFileOf(leaf), system));
    expect(error.code).toBe("CERTIFICATE_PURPOSE_WRONG");
    expect(error.message).toContain("is no CA's");
    expect(error.hint).toContain("ca-bundle.crt");
    expect(readdirSync(system.store)).toEqual([]);
  });

  test("of a CA that another issued is refused", async () => {
    const error = await failureOf(addToSystemTrust(rootFileOf(intermediate), makeSystem()));
    expect(error.code).toBe("CERTIFICATE_PURPOSE_WRONG");
    expect(error.message).toContain("CN=A root issued it");
  });
});

describe("a file to trust", () => {
  test("is read", async () => {
    const { file, certificate } = await readRootFile(root.file);
    expect(file).toBe(root.file);
    expect(certificate.fingerprint256).toBe(ca.certificate.fingerprint256);
  });

  test("with several certificates is refused", async () => {
    const file = join(folder, "two.crt");
    writeFileSync(file, ca.text + namesake.text);
    const error = await failureOf(readRootFile(file));
    expect(error.code).toBe("CERTIFICATE_MALFORMED");
    expect(error.message).toBe(`${file} holds 2 certificates`);
  });

  test("that is missing is named", async () => {
    expect((await failureOf(readRootFile(join(folder, "none.crt")))).code).toBe("CERTIFICATE_NOT_FOUND");
  });
});

describe("when the store's command", () => {
  test("fails, what was written is taken back, and the error has the command's last line", async () => {
    const system = makeSystem();
    system.fail = { code: 1, output: "Updating…\nno space left\n" };
    const error = await failureOf(addToSystemTrust(root, system));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toBe("`update-ca-certificates` failed: no space left. The store was left as it was");
    expect(error.hint).toContain("`update-ca-certificates`");
    expect(readdirSync(system.store)).toEqual([]);
  });

  test("fails without a word, the error has its exit code", async () => {
    const system = makeSystem();
    system.fail = { code: 3, output: "\n" };
    expect((await failureOf(addToSystemTrust(root, system))).message).toContain("failed: exit code 3");
  });

  test("fails after it made the bundle, it is run again without the certificate", async () => {
    const system = makeSystem();
    const { run } = system;
    let runs = 0;
    system.run = async (command) => ({ ...(await run(command)), code: runs++ === 0 ? 1 : 0 });
    await failureOf(addToSystemTrust(root, system));
    expect(system.commands).toEqual(["update-ca-certificates", "update-ca-certificates --fresh"]);
    expect(readFileSync(system.bundle, "utf8")).toBe("");
  });

  test("is not there, what was written is taken back", async () => {
    const system = makeSystem();
    system.run = ([program, ...args]) => runCommand([`vibectl-no-such-${program}`, ...args]);
    const error = await failureOf(addToSystemTrust(root, system));
    expect(error.message).toContain("failed: vibectl-no-such-update-ca-certificates is not installed");
    expect(readdirSync(system.store)).toEqual([]);
  });

  test("succeeds without taking the certificate up, that is a failure too", async () => {
    const system = makeSystem();
    system.run = async () => ({ code: 0, output: "W: skipped\n" });
    const error = await failureOf(addToSystemTrust(root, system));
    expect(error.message).toContain(`${system.bundle} lacks the certificate`);
    expect(readdirSync(system.store)).toEqual([]);
  });

  test("fails on the way out, the certificate stays trusted", async () => {
    const system = makeSystem();
    const { place } = await addToSystemTrust(root, system);
    system.fail = { code: 1, output: "no" };
    const error = await failureOf(removeFromSystemTrust(root, system));
    expect(error.message).toContain("The store was left as it was");
    expect(readFileSync(place, "utf8")).toBe(ca.text);
    expect(await isInSystemTrust(root, system)).toBe(true);
  });

  test("fails for a user who is not the administrator, the hint is the line to paste", async () => {
    const system = { ...makeSystem(), asAdministrator: "sudo /opt/vibectl-server trust --file /a" };
    system.run = async () => ({ code: 1, output: "permission denied" });
    const error = await failureOf(addToSystemTrust(root, system));
    expect(error.hint).toEndWith(": sudo /opt/vibectl-server trust --file /a");
  });
});

describe("a store that can't be changed", () => {
  const asAdministrator = "sudo /opt/vibectl-server trust --file /a";

  test.skipIf(process.getuid?.() === 0)("by this user gives the line for the administrator", async () => {
    const system = { ...makeSystem(), asAdministrator };
    const { place } = await addToSystemTrust(root, system);
    chmodSync(system.store, 0o555);
    expect((await addToSystemTrust(root, system)).outcome).toBe("present");
    const errors = [
      await failureOf(removeFromSystemTrust(root, system)),
      await failureOf(addToSystemTrust(rootFileOf(namesake), system)),
    ];
    chmodSync(system.store, 0o755);
    expect(errors[0]?.message).toContain(place);
    for (const { code, hint, message } of errors) {
      expect(code).toBe("FILE_UNUSABLE");
      expect(message).toContain("permission denied");
      expect(hint).toBe(`Run it as administrator: ${asAdministrator}`);
    }
    expect(system.commands).toHaveLength(1);
  });

  test("because a folder has the file's name says so, and runs nothing", async () => {
    const system = { ...makeSystem(), asAdministrator };
    const { place } = await removeFromSystemTrust(root, system);
    mkdirSync(place);
    const error = await failureOf(addToSystemTrust(root, system));
    expect(error.code).toBe("FILE_UNUSABLE");
    expect(error.message).toContain(place);
    expect(error.message).toContain("it is a folder");
    expect(system.commands).toEqual([]);
  });
});

describe("where no store is known", () => {
  test.each(["linux", "win32", "freebsd"] as const)(
    "as on %s without one, the error says which are",
    async (platform) => {
      const system = { ...makeSystem(), platform };
      rmSync(system.store, { recursive: true });
      for (const action of [addToSystemTrust, removeFromSystemTrust]) {
        const error = await failureOf(action(root, system));
        expect(error.code).toBe("FILE_UNUSABLE");
        for (const name of ["Debian", "Ubuntu", "Alpine", "Fedora", "RHEL", "Arch", "openSUSE", "macOS"]) {
          expect(error.message).toContain(name);
        }
        expect(error.hint).toContain(root.file);
        expect(error.hint).toContain("VIBECTL_CA_BUNDLE");
      }
      expect(await isInSystemTrust(root, system)).toBe(false);
      expect(existsSync(system.store)).toBe(false);
    },
  );

  test("a file in the folder's place is no store", async () => {
    const system = makeSystem();
    rmSync(system.store, { recursive: true });
    writeFileSync(system.store, "");
    expect(findSystemStore(system)).toBeUndefined();
    rmSync(dirname(system.store), { recursive: true });
    writeFileSync(dirname(system.store), "");
    expect(findSystemStore(system)).toBeUndefined();
  });
});
