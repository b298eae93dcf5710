import { describe, expect, test } from "bun:test";
import { checkAuthentication, checkExposure } from "../../../../src/server/doctor/exposure.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const contextOf = (server: object, tls: object = {}) => makeHome({ configuration: { server, tls } }).context();

describe("exposure", () => {
  test("is fine on this machine alone", async () => {
    expect(told(await checkExposure(await contextOf({})))).toEqual(["ok: 127.0.0.1: only this machine reaches it"]);
  });

  test("is fine with TLS and authentication", async () => {
    const context = await contextOf({ host: "0.0.0.0", use_tls: true, require_auth: true });
    expect(told(await checkExposure(context))).toEqual(["ok: 0.0.0.0: other machines reach it"]);
  });

  test("fails where nobody has accepted its risks", async () => {
    const [text] = told(await checkExposure(await contextOf({ host: "0.0.0.0", use_tls: true })));
    expect(text).toStartWith("failed: 0.0.0.0 can be reached from other machines, and anyone who reaches it");
    expect(text).toContain("hint: Start with --require-auth");
  });

  test("is a warning where somebody has", async () => {
    const [text] = told(await checkExposure(await contextOf({ host: "0.0.0.0", use_tls: false, require_auth: true })));
    expect(text).toStartWith("warning: 0.0.0.0: other machines reach it\n");
    expect(text).toContain("travel unencrypted");
  });
});

describe("authentication", () => {
  test("is told, whether on or off", async () => {
    expect(told(await checkAuthentication(await contextOf({ require_auth: true })))).toEqual([
      "ok: on: calls need a token",
    ]);
    expect(told(await checkAuthentication(await contextOf({})))[0]).toStartWith("ok: off: calls need no token\n");
  });

  test("may be by certificates alone", async () => {
    const context = await contextOf({ use_tls: true }, { client_ca_file: "/etc/ca.crt" });
    expect(told(await checkAuthentication(context))).toEqual([
      "ok: calls need no token, but every client a certificate",
    ]);
  });
});
