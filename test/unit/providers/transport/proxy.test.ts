import { describe, expect, test } from "bun:test";
import { proxyFor } from "../../../../src/providers/transport/proxy.ts";

type Environment = Record<string, string>;

/** The proxy on the way to a target, as text. */
function way(target: string, environment: Environment, proxy?: string): string | undefined {
  const found = proxyFor(new URL(target), { name: "acme", proxy, environment });
  return found && `${found.source} ${found.url.origin}${found.authorization ? ` ${found.authorization}` : ""}`;
}

describe("the proxy on the way", () => {
  const all = { HTTPS_PROXY: "http://s:1", HTTP_PROXY: "http://h:2", ALL_PROXY: "http://a:3" };

  test("is that of the target's scheme, or the one for all", () => {
    expect(way("https://api.test", all)).toBe("HTTPS_PROXY http://s:1");
    expect(way("http://api.test", all)).toBe("HTTP_PROXY http://h:2");
    expect(way("https://api.test", { HTTP_PROXY: "http://h:2", ALL_PROXY: "http://a:3" })).toBe("ALL_PROXY http://a:3");
    expect(way("https://api.test", { HTTP_PROXY: "http://h:2" })).toBeUndefined();
    expect(way("https://api.test", {})).toBeUndefined();
  });

  test("is named in lower case first, and an empty name is none", () => {
    expect(way("https://api.test", { ...all, https_proxy: "http://l:4" })).toBe("https_proxy http://l:4");
    expect(way("https://api.test", { HTTPS_PROXY: "" })).toBeUndefined();
    expect(way("https://api.test", { HTTPS_PROXY: "", ALL_PROXY: "a:3" })).toBe("ALL_PROXY http://a:3");
  });

  test("is the provider's own where it has one, or none at all where it says so", () => {
    const everything = { ...all, NO_PROXY: "*" };
    expect(way("https://api.test", everything, "https://own:5")).toBe("providers.acme.proxy https://own:5");
    expect(way("http://127.0.0.1", all, "http://own:5")).toBe("providers.acme.proxy http://own:5");
    expect(way("https://api.test", all, "none")).toBeUndefined();
  });

  test("has user and password taken out of its address", () => {
    const authorization = `Basic ${Buffer.from("a b:p@ß%zz").toString("base64")}`;
    expect(way("https://api.test", {}, "http://a%20b:p%40%C3%9F%zz@own:5")).toBe(
      `providers.acme.proxy http://own:5 ${authorization}`,
    );
  });

  test("can only be http or https, and its address is not told", () => {
    for (const address of ["socks5://al:hush@s:1", "ftp://s", "http://", "::::"]) {
      const find = () => way("https://api.test", { ALL_PROXY: address });
      expect(find).toThrow("the proxy on the way to it is of a kind that can't be used");
      expect(find).not.toThrow(address);
      expect(way("https://api.test", { ALL_PROXY: address }, "none")).toBeUndefined();
    }
  });

  test("of the environment is not asked for this machine itself", () => {
    for (const host of ["localhost", "my.localhost", "127.0.0.1", "127.9.9.9", "[::1]"]) {
      expect(way(`http://${host}:11434`, all)).toBeUndefined();
    }
    expect(way("http://127.example.org", all)).toBeDefined();
  });
});

describe("NO_PROXY", () => {
  const isExcepted = (target: string, exceptions: string) =>
    way(target, { ALL_PROXY: "http://a:3", NO_PROXY: exceptions }) === undefined;

  test.each<[entry: string, excepted: string[], others: string[]]>([
    ["*", ["https://api.test", "http://10.0.0.1"], []],
    [
      "corp.test",
      ["https://corp.test", "https://a.b.corp.test", "https://CORP.test:8443"],
      ["https://xcorp.test", "https://corp.test.evil"],
    ],
    [".corp.test", ["https://corp.test", "https://a.corp.test"], ["https://xcorp.test"]],
    ["*.corp.test", ["https://a.corp.test"], ["https://other.test"]],
    ["corp.test:8443", ["https://corp.test:8443"], ["https://corp.test", "https://corp.test:1"]],
    ["corp.test:443", ["https://corp.test"], ["http://corp.test"]],
    ["10.1.2.3", ["https://10.1.2.3"], ["https://10.1.2.34", "https://110.1.2.3"]],
    ["10.0.0.0/8", ["https://10.9.9.9"], ["https://11.0.0.1", "https://10.test"]],
    ["fe80::1", ["https://[fe80::1]"], ["https://[fe80::2]"]],
    ["[fe80::1]:8443", ["https://[fe80::1]:8443"], ["https://[fe80::1]"]],
    ["fd00::/8", ["https://[fd12::1]"], ["https://[fe80::1]", "https://10.0.0.1"]],
    ["10.0.0.0/99, a/b, /8, :443, [", [], ["https://10.0.0.1", "https://api.test"]],
    [" a.test , b.test\tc.test,,", ["https://a.test", "https://b.test", "https://c.test"], ["https://d.test"]],
  ])("of %p", (entry, excepted, others) => {
    for (const target of excepted) expect([target, isExcepted(target, entry)]).toEqual([target, true]);
    for (const target of others) expect([target, isExcepted(target, entry)]).toEqual([target, false]);
  });
});
