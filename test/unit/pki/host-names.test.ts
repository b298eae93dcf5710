import { describe, expect, test } from "bun:test";
import { CertificateError } from "../../../src/errors.ts";
import {
  addressBytes,
  coversHost,
  isUnspecifiedAddress,
  parseHostName,
  parseHostNames,
} from "../../../src/pki/host-names.ts";

describe("a host name", () => {
  test.each([
    ["localhost", "dns", "localhost"],
    ["Server.Example.ORG", "dns", "server.example.org"],
    ["server.example.org.", "dns", "server.example.org"],
    ["  server  ", "dns", "server"],
    ["*.example.org", "dns", "*.example.org"],
    ["bücher.example", "dns", "xn--bcher-kva.example"],
    ["*.BÜCHER.example", "dns", "*.xn--bcher-kva.example"],
    ["例え。テスト", "dns", "xn--r8jz45g.xn--zckzah"],
    ["xn--bcher-kva.example", "dns", "xn--bcher-kva.example"],
    ["3com.example", "dns", "3com.example"],
    ["127.0.0.1", "ip", "127.0.0.1"],
    ["::1", "ip", "::1"],
    ["[::1]", "ip", "::1"],
    ["2001:DB8:0:0::1", "ip", "2001:db8::1"],
    ["0:0:0:0:0:0:0:1", "ip", "::1"],
  ] as const)("%p is the %s name %s", (text, kind, value) => {
    expect(parseHostName(text)).toEqual({ kind, value });
  });

  test.each([
    ["", "it is empty"],
    ["  ", "it is empty"],
    ["my_server", '"_" can\'t be in one'],
    ["a b", '" " can\'t be in one'],
    ["localhost:50051", '":" can\'t be in one'],
    ["https://example.org", '":" can\'t be in one'],
    ["example.org/path", '"/" can\'t be in one'],
    ["fe80::1%eth0", "can't be in one"],
    ["[127.0.0.1]", "can't be in one"],
    ["evil\u0000.example", "can't be in one"],
    ["a..b", "a label is empty"],
    [".example.org", "a label is empty"],
    [".", "a label is empty"],
    ["-a.example", "begins or ends with a hyphen"],
    ["a-.example", "begins or ends with a hyphen"],
    [`${"a".repeat(64)}.example`, "longer than 63"],
    [`${"ü".repeat(60)}.example`, "longer than 63"],
    [`${"abcdefghi.".repeat(25)}example`, "253 are allowed"],
    ["1.2.3", "looks like an IP address"],
    ["999.1.1.1", "looks like an IP address"],
    ["１２７.0.0.1", "looks like an IP address"],
    ["xn--a", "can't be written in punycode"],
    ["*", '"*" can\'t be in one'],
    ["a.*.example.org", '"*" can\'t be in one'],
    ["a*.example.org", '"*" can\'t be in one'],
    ["*.*.example.org", '"*" can\'t be in one'],
    ["*.org", "wildcard only above two labels"],
    ["*.127.0.0.1", "looks like an IP address"],
  ])("%p is refused, with its name and the reason", (text, reason) => {
    const parse = () => parseHostName(text);
    expect(parse).toThrow(CertificateError);
    expect(parse).toThrow(reason);
    expect(parse).toThrow(JSON.stringify(text));
  });

  test("is refused with a stable code and a hint", () => {
    try {
      parseHostName("my_server");
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "HOST_NAME_INVALID", hint: expect.stringContaining("*.example.org") });
    }
  });

  test("is kept once, where it came first", () => {
    const names = parseHostNames(["b.example", "::1", "B.Example.", "[0:0::1]", "a.example"]);
    expect(names.map(({ value }) => value)).toEqual(["b.example", "::1", "a.example"]);
  });
});

describe("the bytes of an address", () => {
  test.each([
    ["127.0.0.1", "7f000001"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["2001:db8::5:0", "20010db8000000000000000000050000"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["::ffff:102:304", "00000000000000000000ffff01020304"],
    ["fe80::", "fe800000000000000000000000000000"],
  ])("of %s are %s", (address, hex) => {
    expect(Buffer.from(addressBytes(address)).toString("hex")).toBe(hex);
  });
});

describe("a certificate", () => {
  const names = ["server.example.org", "*.wild.example.org", "xn--bcher-kva.example", "10.0.0.1", "2001:db8::5"];

  test.each([
    "server.example.org",
    "SERVER.example.org.",
    "a.wild.example.org",
    "*.wild.example.org",
    "bücher.example",
    "10.0.0.1",
    "2001:DB8:0::5",
    "[2001:db8::5]",
  ])("covers %s", (host) => {
    expect(coversHost(names, host)).toBe(true);
  });

  test.each([
    "example.org",
    "wild.example.org",
    "b.a.wild.example.org",
    "*.example.org",
    "*.server.example.org",
    "10.0.0.2",
    "::5",
    "my_server",
    "",
  ])("does not cover %p", (host) => {
    expect(coversHost(names, host)).toBe(false);
  });

  test("does not cover an address by a wildcard", () => {
    expect(coversHost(["*.0.0.1"], "10.0.0.1")).toBe(false);
  });
});

test("the addresses that stand for all of a machine's are told from the others", () => {
  const hosts = ["0.0.0.0", "::", "[::]", "0:0:0::0", "127.0.0.1", "::1", "localhost"];
  expect(hosts.filter(isUnspecifiedAddress)).toEqual(["0.0.0.0", "::", "[::]", "0:0:0::0"]);
});
