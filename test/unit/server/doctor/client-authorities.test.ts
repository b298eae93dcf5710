import { describe, expect, test } from "bun:test";
import { checkClientAuthorities } from "../../../../src/server/doctor/client-authorities.ts";
import { OpensslCa } from "../../../openssl-ca.ts";
import { temporaryFolder } from "../../../temporary-folder.ts";
import { failureOf } from "../../pki/failure.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();
const dayMs = 86_400_000;
const ca = new OpensslCa(temporaryFolder(), "Clients", { notAfter: new Date(Date.now() + 400 * dayMs) });

const contextOf = (tls: object, server: object = { use_tls: true }, now = new Date()) =>
  makeHome({ configuration: { server, tls } }).context({ now });

describe("the CAs of clients", () => {
  test("are not looked at where no client is asked", async () => {
    expect(told(await checkClientAuthorities(await contextOf({})))).toEqual([
      "skipped: clients are asked for no certificate",
    ]);
  });

  test("are fine, and whether anybody is ever revoked is told", async () => {
    const [text] = told(await checkClientAuthorities(await contextOf({ client_ca_file: ca.certFile })));
    expect(text).toStartWith(
      `ok: clients must show a certificate of 1 CA in ${ca.certFile}\nNobody's certificate is ever revoked`,
    );
  });

  test("are a warning when they end soon, or TLS is off", async () => {
    const soon = new Date(Date.now() + 390 * dayMs);
    const tls = { client_ca_file: ca.certFile, client_auth: "request" };
    const [text] = told(await checkClientAuthorities(await contextOf(tls, { use_tls: true }, soon)));
    expect(text).toStartWith(`warning: clients may show a certificate of 1 CA in ${ca.certFile}\n`);
    expect(text).toMatch(/ends on \d{4}-/);
    const [off] = told(await checkClientAuthorities(await contextOf(tls, { use_tls: false })));
    expect(off).toStartWith("warning: tls.client_ca_file is set, but TLS is off");
  });

  test("fail when their file or their revocation list is gone", async () => {
    const failing = async (tls: object) => (await failureOf(checkClientAuthorities(await contextOf(tls)))).code;
    expect(await failing({ client_ca_file: `${ca.folder}/none.crt` })).toBe("CERTIFICATE_NOT_FOUND");
    expect(await failing({ client_ca_file: ca.certFile, client_crl_file: `${ca.folder}/none.crl` })).toBe(
      "CRL_NOT_FOUND",
    );
  });
});
