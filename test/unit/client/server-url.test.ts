import { describe, expect, test } from "bun:test";
import { parseServerUrl } from "../../../src/client/server-url.ts";
import { UsageError } from "../../../src/errors.ts";

const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";

function refusal(url: string): UsageError {
  try {
    parseServerUrl(url);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("the URL was taken");
}

describe("a server's URL", () => {
  test("says by its scheme whether the connection is encrypted", () => {
    expect(parseServerUrl("vibectl-server://example.org").tls).toBe(true);
    expect(parseServerUrl("vibectl-server-insecure://example.org").tls).toBe(false);
    expect(parseServerUrl(" VIBECTL-Server://example.org\n").tls).toBe(true);
  });

  test.each([
    ["vibectl-server://example.org", "example.org", 50051, "example.org:50051"],
    ["vibectl-server://Example.ORG.:443/", "example.org", 443, "example.org:443"],
    ["vibectl-server://llm_proxy:1", "llm_proxy", 1, "llm_proxy:1"],
    ["vibectl-server://localhost:", "localhost", 50051, "localhost:50051"],
    ["vibectl-server://127.0.0.1:65535", "127.0.0.1", 65535, "127.0.0.1:65535"],
    ["vibectl-server://[::1]", "::1", 50051, "[::1]:50051"],
    ["vibectl-server://[2001:DB8:0:0::1]:8443", "2001:db8::1", 8443, "[2001:db8::1]:8443"],
    ["vibectl-server://bücher.example:7", "xn--bcher-kva.example", 7, "xn--bcher-kva.example:7"],
  ])("%s is read", (url, host, port, authority) => {
    expect(parseServerUrl(url)).toMatchObject({ host, port, authority, token: undefined });
  });

  test("shows all but its token", () => {
    const url = parseServerUrl(`vibectl-server://${token}@[::1]:1234`);
    expect(url.token).toBe(token);
    expect(url.display).toBe("vibectl-server://***@[::1]:1234");
    expect(parseServerUrl("vibectl-server-insecure://localhost").display).toBe(
      "vibectl-server-insecure://localhost:50051",
    );
  });

  test("may have a percent-encoded token, and one with an @", () => {
    expect(parseServerUrl("vibectl-server://a%2Eb%3D@localhost").token).toBe("a.b=");
    expect(parseServerUrl("vibectl-server://a@b@localhost")).toMatchObject({ token: "a@b", host: "localhost" });
  });

  test.each([
    ["localhost:50051", "no scheme", "Did you mean vibectl-server://localhost:50051?"],
    [`${token}@localhost`, "no scheme", "Did you mean vibectl-server://TOKEN@localhost:50051?"],
    ["https://example.org/x", "scheme https://", "Did you mean vibectl-server://example.org:50051?"],
    ["http://example.org", "scheme http://", "Did you mean vibectl-server-insecure://example.org:50051?"],
    ["vibectl-sever://example.org:1", "vibectl-sever://", "Did you mean vibectl-server://example.org:1?"],
    ["vibectl-server-insecur://h:1", "insecur://", "Did you mean vibectl-server-insecure://h:1?"],
    ["", "no scheme", "vibectl-server://[TOKEN@]HOST[:PORT]"],
    ["vibectl-server://", "the host is missing", "HOST[:PORT]"],
    ["vibectl-server://:50051", "the host is missing", "HOST[:PORT]"],
    [`vibectl-server://${token}`, "a token stands where the host belongs", "[TOKEN@]HOST"],
    [`vibectl-server://${token}@`, "the host is missing", "HOST"],
    ["vibectl-server://@localhost", "nothing stands before the @", "leave the @ out"],
    [`vibectl-server://user:${token}@localhost`, "has a colon", "TOKEN"],
    ["vibectl-server://50%zz@localhost", "percent-encoded", "%25"],
    ["vibectl-server://a%20b@localhost", "a space", "TOKEN"],
    ["vibectl-server://localhost:0", 'port "0"', "PORT"],
    ["vibectl-server://localhost:65536", 'port "65536"', "PORT"],
    ["vibectl-server://localhost:http", 'port "http"', "PORT"],
    [`vibectl-server://localhost:${token}`, "what follows the host is no number", "PORT"],
    ["vibectl-server://::1:50051", "without brackets", "vibectl-server://[::1]:50051"],
    ["vibectl-server://[::1", "not closed", "HOST"],
    ["vibectl-server://[::1]50051", "not closed", "HOST"],
    ["vibectl-server://[localhost]", "no IPv6 address", "HOST"],
    ["vibectl-server://[fe80::1%25eth0]", "no IPv6 address", "HOST"],
    ["vibectl-server://300.1.1.1", "looks like an IP address", "HOST"],
    ["vibectl-server://a..b", "a label is empty", "HOST"],
    ["vibectl-server://exa mple", "character that no host name has", "HOST"],
    ["vibectl-server://localhost/path", "goes on after the port", "HOST"],
    [`vibectl-server://localhost?token=${token}`, "goes on after the port", "HOST"],
    [`vibectl-server://ab/${token}@localhost`, "goes on after the port", "HOST"],
  ])("%s is refused, saying why and what is right", (url, problem, hint) => {
    const error = refusal(url);
    expect(error.message).toContain(problem);
    expect(error.hint).toContain(hint);
  });

  test.each([
    token,
    `${token}://localhost`,
    `vibectl-server://${token}`,
    `vibectl-server://localhost@${token}`,
    `vibectl-server://localhost:${token}`,
    `vibectl-server://${token}@local host`,
    `vibectl-server://${token}@localhost/x`,
    `vibectl-sever://${token}@localhost`,
    `vibectl-server:/${token}@localhost`,
    `vibectl-server://${token}:50051`,
  ])("is refused without showing its token (%#)", (url) => {
    const { message, hint } = refusal(url);
    for (const part of token.split(".")) expect(`${message} ${hint}`).not.toContain(part);
  });
});
