import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseInspectSource } from "../../../src/client/inspect-source.ts";
import { UsageError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const folder = temporaryFolder();

test.each([
  ["vibectl-server://llm.example.org", "llm.example.org:50051"],
  ["vibectl-server://s3cret@llm.example.org:1234", "llm.example.org:1234"],
  ["https://llm.example.org", "llm.example.org:443"],
  ["HTTPS://llm.example.org:8443/some/path?query#part", "llm.example.org:8443"],
  ["https://[::1]/", "[::1]:443"],
  ["grpcs://llm.example.org", "llm.example.org:50051"],
  ["tls://10.0.0.1:9", "10.0.0.1:9"],
  ["localhost:50051", "localhost:50051"],
  ["[::1]:50051", "[::1]:50051"],
  ["s3cret@localhost:7", "localhost:7"],
  ["s3cret@localhost", "localhost:50051"],
])("%s is the server %s", (source, authority) => {
  expect(parseInspectSource(source)?.authority).toBe(authority);
});

test.each(["server.crt", "./a:1", "/etc/ssl/cert.pem", "localhost", "C:\\certs\\server.crt"])(
  "%s is a file",
  (source) => {
    expect(parseInspectSource(source)).toBeUndefined();
  },
);

test("what looks like a server is a file where one has that name", () => {
  const path = join(folder, "server:443");
  writeFileSync(path, "");
  expect(parseInspectSource(path)).toBeUndefined();
});

describe("what is refused", () => {
  test.each([
    ["vibectl-server-insecure://localhost", "speaks plain text"],
    ["http://localhost", "speaks plain text"],
    ["ftp://localhost", "the scheme ftp:// is not one"],
    ["localhost:99999", "no number from 1 to 65535"],
    ["vibectl-server://localhost/path", "goes on after the port"],
    [" ", "SOURCE is empty"],
  ])("%s", (source, found) => {
    expect(() => parseInspectSource(source)).toThrow(found);
  });

  test.each([
    "http://s3cret@localhost",
    "https://us:s3cret@localhost",
    "https://localhost/s3cret@",
    "vibectl-server://localhost/s3cret",
    "ftp://s3cret@localhost",
    "localhost@s3cret:x",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzM2NyZXQifQ.s3cret",
  ])("shows no secret: %s", (source) => {
    let shown = "";
    try {
      parseInspectSource(source);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      shown = `${error.message} ${error.hint}`;
    }
    expect(shown).not.toBe("");
    expect(shown).not.toContain("s3cret");
  });
});
