import { describe, expect, test } from "bun:test";
import { DerError, DerReader, derTags } from "../../../../src/pki/encoding/der.ts";
import { dottedOf, hexOfInteger, readExtensions, readTime } from "../../../../src/pki/encoding/der-values.ts";
import * as ids from "../../../../src/pki/encoding/object-ids.ts";
import { der, extension, oid } from "../der-builder.ts";

const bytesOf = (hex: string) => Buffer.from(hex, "hex");
const time = (tag: number, text: string) => readTime(new DerReader(der(tag, Buffer.from(text))));
const { generalizedTime, utcTime } = derTags;

describe("an object identifier", () => {
  test.each([
    ["550403", "2.5.4.3"],
    ["2a864886f70d01010b", "1.2.840.113549.1.1.11"],
    ["27", "0.39"],
    ["4f", "1.39"],
    ["50", "2.0"],
    ["883703", "2.999.3"],
    ["5800", "2.8.0"],
    ["8fffffffffffff7f01", "2.9007199254740911.1"],
    ["6983f09da7ebcfdee0c7a1a7b2c0948cc8f9d776", "2.25.329800735698586629295641978511506172918"],
  ])("%s is %s", (hex, dotted) => {
    expect(dottedOf(bytesOf(hex))).toBe(dotted);
  });

  test.each([
    ["is empty", ""],
    ["is cut off inside its last arc", "55040380"],
    ["is cut off inside its only arc", "86"],
    ["begins an arc with a zero", "55800403"],
    ["begins with a zero", "8055"],
    ["is longer than any", `55${"01".repeat(128)}`],
  ])("that %s is none", (_, hex) => {
    expect(() => dottedOf(bytesOf(hex))).toThrow(DerError);
  });

  test("of every table has one name there, and is what its contents say", () => {
    for (const [table, entries] of Object.entries(ids)) {
      if (typeof entries === "function") continue;
      const values = Object.values<string>(entries);
      expect([table, new Set(values).size]).toEqual([table, values.length]);
      for (const id of values) expect(dottedOf(new DerReader(oid(id)).contents(derTags.objectIdentifier))).toBe(id);
      for (const [name, id] of Object.entries(entries)) expect(ids.namesById(entries)[id]).toBe(name);
    }
  });
});

describe("a time", () => {
  test.each([
    [utcTime, "491231235959Z", "2049-12-31T23:59:59.000Z"],
    [utcTime, "500101000000Z", "1950-01-01T00:00:00.000Z"],
    [utcTime, "240229000000Z", "2024-02-29T00:00:00.000Z"],
    [generalizedTime, "20500131235959Z", "2050-01-31T23:59:59.000Z"],
    [generalizedTime, "20000229120000Z", "2000-02-29T12:00:00.000Z"],
  ])("of tag %d, %s, is %s", (tag, text, iso) => {
    expect(new Date(time(tag, text)).toISOString()).toBe(iso);
  });

  test.each([
    ["31 February", utcTime, "260231000000Z"],
    ["30 February", utcTime, "240230000000Z"],
    ["29 February of no leap year", generalizedTime, "21000229000000Z"],
    ["31 April", generalizedTime, "20260431000000Z"],
    ["a thirteenth month", utcTime, "261301000000Z"],
    ["an hour 24", utcTime, "260101240000Z"],
    ["no seconds", utcTime, "2601010000Z"],
    ["fractions of a second", generalizedTime, "20260101000000.5Z"],
    ["another zone", utcTime, "260101000000+0100"],
    ["no zone", utcTime, "260101000000"],
    ["four digits of a year in a UTCTime", utcTime, "20260101000000Z"],
    ["two digits of a year in a GeneralizedTime", generalizedTime, "260101000000Z"],
    ["a line end", utcTime, "260101000000Z\n"],
  ])("with %s is none", (_, tag, text) => {
    expect(() => time(tag, text)).toThrow(`${JSON.stringify(text)} is no time`);
  });
});

test("an integer is told without the zeros before it", () => {
  expect(["00", "0080", "00007f", "7f00"].map((hex) => hexOfInteger(bytesOf(hex)))).toEqual(["00", "80", "7f", "7f00"]);
});

describe("extensions", () => {
  const read = (...extensions: Uint8Array[]) => readExtensions(new DerReader(Buffer.concat(extensions)));

  test("are read with their identifiers, whether they are critical, and their values", () => {
    const value = Buffer.of(5, 0);
    expect(read(extension("2.5.29.15", value, true), extension("1.2.3", value))).toEqual([
      { id: "2.5.29.15", critical: true, value },
      { id: "1.2.3", critical: false, value },
    ]);
  });

  test.each([
    ["without a value", der(0x30, oid("1.2.3"))],
    ["with something behind its value", der(0x30, oid("1.2.3"), der(0x04), der(0x05))],
    ["with an identifier that is cut off", der(0x30, der(0x06, Buffer.of(0x55, 0x80)), der(0x04))],
    ["that is none", der(0x05)],
  ])("are refused where there is one %s", (_, bytes) => {
    expect(() => read(bytes)).toThrow(DerError);
  });
});
