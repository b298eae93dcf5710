import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { Canaries } from "./canaries.ts";

const canaries = new Canaries();
const secret = canaries.make("a secret", "configured", "sk-");

/** Each way in which a secret could slip out. */
const slips: ReadonlyArray<readonly [way: string, slip: (text: string) => string]> = [
  ["as it is", (text) => text],
  ["cut short", (text) => text.slice(0, 40)],
  ["within JSON", (text) => JSON.stringify({ a: JSON.stringify({ b: text }) })],
  ["as escapes of JSON", (text) => [...text].map((c) => `\\u00${c.charCodeAt(0).toString(16)}`).join("")],
  ["in a URL", (text) => `http://localhost/?q=${encodeURIComponent(`a b${text}`)}`],
  ["percent-encoded", (text) => [...text].map((c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`).join("")],
  ["in hex", (text) => Buffer.from(`a${text}`).toString("hex")],
  ["in upper-case hex", (text) => Buffer.from(text).toString("hex").toUpperCase()],
  ["in base64", (text) => Buffer.from(text).toString("base64")],
  ["in base64, behind a user's name", (text) => Buffer.from(`u:${text}`).toString("base64")],
  ["in base64, behind a longer one", (text) => Buffer.from(`user:${text}@`).toString("base64")],
  ["in base64url", (text) => Buffer.from(`${text}?`).toString("base64url")],
  ["in base64url, behind a user's name", (text) => Buffer.from(`u:${text}`).toString("base64url")],
  ["in base64url, behind a longer one", (text) => Buffer.from(`user:${text}`).toString("base64url")],
];

describe("a canary is found", () => {
  test.each(slips)("%s", (_way, slip) => {
    expect(canaries.find(`before ${slip(secret)} after`, "a log")).toMatchObject([
      { place: "a secret", kind: "configured", where: "a log" },
    ]);
  });

  test("by the part of a token that slipped out, whichever it is", () => {
    const flock = new Canaries();
    const parts = [
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
      "eyJzdWIiOiJhbGljZSJ9-payload",
      "c2lnbmF0dXJlLXNpZ25hdHVyZQ",
    ];
    flock.token("a token", parts.join("."));
    for (const part of parts) {
      expect(flock.find(`token=${part}`, "a log")).toHaveLength(1);
      for (const [, slip] of slips) expect(flock.find(slip(part), "a log")).toHaveLength(1);
    }
  });

  test("by any line of a private key that is encrypted", () => {
    const flock = new Canaries();
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const encrypted = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "p" } as const;
    const pem = flock.pem("a key", privateKey.export(encrypted).toString());
    const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("---"));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(flock.find(`key: ${line}`, "a log")).toHaveLength(1);
  });
});

test("a private key is found by each line with a part of the secret, and its public key is no leak", () => {
  const flock = new Canaries();
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = flock.pem("a key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  const [first = "", second = "", third = ""] = pem.split("\n").slice(1);
  for (const line of [first, second]) expect(flock.find(line, "a log")).toHaveLength(1);
  for (const text of [third, publicKey.export({ type: "spki", format: "pem" }).toString()]) {
    expect(flock.find(text, "a log")).toEqual([]);
  }
});

test("what is no canary is not found, and each canary is another", () => {
  expect(canaries.find("canary-0123456789abcdef is somebody else's", "a log")).toEqual([]);
  expect(canaries.find("", "a log")).toEqual([]);
  const other = canaries.make("another secret", "secret");
  expect(canaries.find(other, "a log").map(({ place }) => place)).toEqual(["another secret"]);
});
