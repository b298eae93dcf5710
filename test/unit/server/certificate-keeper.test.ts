import { describe, expect, test } from "bun:test";
import { CertificateError } from "../../../src/errors.ts";
import type { Logger } from "../../../src/observe/logger.ts";
import { CertificateKeeper } from "../../../src/server/certificate-keeper.ts";
import type { ServedCertificate } from "../../../src/server/certificate-source.ts";

const dayMs = 86_400_000;
const start = new Date("2027-03-01T12:00:00Z");

function certificate(serialNumber: string, notBefore: Date, days: number, issuedHere = true): ServedCertificate {
  const notAfter = new Date(notBefore.getTime() + days * dayMs);
  const leaf = { subject: "CN=a", issuer: "CN=b", serialNumber, notBefore, notAfter, hosts: ["a"] };
  const identity = { certificateChain: `chain ${serialNumber}`, privateKey: "key", leaf };
  return { identity, issuedHere, bundleFile: undefined, outcome: "kept", warnings: [] };
}

/** A keeper at a clock that the test moves, with what it did. */
function keep(current: ServedCertificate, load: (now: Date) => ServedCertificate, jitter = 0) {
  const at = { now: start };
  const served: string[] = [];
  const log: Array<[level: string, message: string]> = [];
  let loads = 0;
  const write =
    (level: string) =>
    (...words: unknown[]) =>
      void log.push([level, String(words.at(-1))]);
  const logger = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const keeper = new CertificateKeeper(current, {
    source: {
      name: "test",
      files: [],
      async load(now) {
        loads += 1;
        return load(now);
      },
    },
    present: ({ identity }) => void served.push(identity.leaf.serialNumber),
    logger: logger as unknown as Logger,
    clock: () => at.now,
    jitter: () => jitter,
  });
  const after = async (days: number) => {
    at.now = new Date(start.getTime() + days * dayMs);
    await keeper.lookAtClock();
  };
  return { keeper, served, log, after, loads: () => loads };
}

describe("a certificate that was issued here", () => {
  test("is renewed when two thirds of its life are over, and not before", async () => {
    const { served, after, loads } = keep(certificate("01", start, 90), (now) => certificate("02", now, 90));
    await after(59.9);
    expect(loads()).toBe(0);
    await after(60);
    expect(served).toEqual(["02"]);
    await after(61);
    expect(served).toEqual(["02"]);
  });

  test("is renewed later with jitter, by a thirtieth of its life at most", async () => {
    const { served, after } = keep(certificate("01", start, 90), (now) => certificate("02", now, 90), 1);
    await after(62.9);
    expect(served).toEqual([]);
    await after(63);
    expect(served).toEqual(["02"]);
  });

  test("is renewed at the first look after the machine has slept through its end", async () => {
    const { served, after } = keep(certificate("01", start, 90), (now) => certificate("02", now, 90));
    await after(200);
    expect(served).toEqual(["02"]);
  });

  test("stays in service while its renewal fails, which is tried again less and less often", async () => {
    const { served, log, after, loads } = keep(certificate("01", start, 90), () => {
      throw new CertificateError("CA_NOT_FOUND", "no CA");
    });
    for (let minute = 0; minute < 240; minute++) await after(60 + minute / 1440);
    expect(served).toEqual([]);
    expect(loads()).toBeGreaterThan(7);
    expect(loads()).toBeLessThan(12);
    expect(log.filter(([level]) => level === "error")).toHaveLength(loads());
  });

  test("that can't live longer is not renewed again and again", async () => {
    const current = certificate("01", start, 90);
    const { served, after, loads } = keep(current, () => current);
    for (let minute = 0; minute < 240; minute++) await after(60 + minute / 1440);
    expect(served).toEqual([]);
    expect(loads()).toBeLessThan(12);
  });
});

test("a certificate of somebody else's is never renewed, and its end is told once a day", async () => {
  const { served, log, after, loads } = keep(certificate("01", start, 90, false), () => certificate("02", start, 90));
  for (let day = 0; day < 92; day += 0.25) await after(day);
  expect(loads()).toBe(0);
  expect(served).toEqual([]);
  const warnings = log.filter(([level]) => level === "warn").map(([, message]) => message);
  expect(warnings.filter((message) => message === "the certificate is near its end").length).toBeGreaterThan(11);
  expect(warnings.length).toBeLessThan(21);
  expect(warnings.at(-1)).toBe("the certificate has expired");
});

describe("reloading on demand", () => {
  test("presents another certificate, and then keeps that one", async () => {
    const { keeper, served, log } = keep(certificate("01", start, 90), () => certificate("02", start, 90));
    await keeper.reload("SIGHUP");
    await keeper.reload("SIGHUP");
    expect(served).toEqual(["02"]);
    expect(keeper.current.identity.leaf.serialNumber).toBe("02");
    expect(log).toContainEqual(["info", "another certificate is served"]);
  });

  test("keeps the one in service where the new one can't be loaded, and says so", async () => {
    const { keeper, served, log } = keep(certificate("01", start, 90), () => {
      throw new CertificateError("KEY_MISMATCH", "no match");
    });
    await keeper.reload("SIGHUP");
    expect(served).toEqual([]);
    expect(keeper.current.identity.leaf.serialNumber).toBe("01");
    expect(log).toEqual([["error", "the certificate can't be loaded: the one before stays in service"]]);
  });
});
