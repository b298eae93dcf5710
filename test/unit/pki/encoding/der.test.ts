import { describe, expect, test } from "bun:test";
import { VibectlError } from "../../../../src/errors.ts";
import { attempt, DerError, DerReader, derTags } from "../../../../src/pki/encoding/der.ts";
import { der } from "../der-builder.ts";

const { integer, octetString, sequence } = derTags;
const readerOf = (hex: string) => new DerReader(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("a reader of DER", () => {
  test("gives one element after the other, by its contents, as a whole, or what is in it", () => {
    const reader = readerOf("020105" + "0402cafe" + "3003020107" + "0500");
    expect(hexOf(reader.contents(integer))).toBe("05");
    expect(hexOf(reader.element(octetString))).toBe("0402cafe");
    const inner = reader.enter(sequence);
    expect([inner.nextIs(integer), inner.nextIs(octetString)]).toEqual([true, false]);
    expect(hexOf(inner.contents(integer))).toBe("07");
    expect([inner.done, inner.nextIs(integer), reader.done]).toEqual([true, false, false]);
    inner.finish();
    expect(reader.any()).toMatchObject({ tag: 0x05, contents: Buffer.of(), bytes: Buffer.of(5, 0) });
    reader.finish();
  });

  test.each([0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000])("reads contents of %d bytes", (length) => {
    const contents = Buffer.alloc(length, 7);
    expect(new DerReader(der(octetString, contents)).contents(octetString)).toEqual(contents);
  });

  test("passes over an element whose tag takes several bytes", () => {
    const reader = readerOf("9f8150" + "01aa" + "0500");
    expect(hexOf(reader.any().contents)).toBe("aa");
    expect(reader.any().tag).toBe(0x05);
  });

  test.each([
    ["another tag", "040105", "byte 0 begins with tag 0x04, not 0x02"],
    ["nothing", "", "it ends at byte 0"],
    ["a tag alone", "02", "it ends at byte 1"],
    ["contents that are cut off", "020205", "longer than what is there"],
    ["a length that is cut off", "0282ff", "longer than what is there"],
    ["a length without an end", "028005", "the length at byte 1 is not DER"],
    ["a long length where a short one would do", "02817f", "the length at byte 1 is not DER"],
    ["a length with a zero before it", "02820080", "the length at byte 1 is not DER"],
    ["a length of more than four bytes", "02850100000000", "the length at byte 1 is not DER"],
  ])("refuses %s", (_, hex, found) => {
    expect(() => readerOf(hex).contents(integer)).toThrow(found);
    expect(() => readerOf(hex).enter(integer)).toThrow(DerError);
  });

  test.each(["9f", "9fff", "9f50", "9fffffffff"])("refuses the tag of several bytes %s, which is cut off", (hex) => {
    expect(() => readerOf(hex).any()).toThrow(DerError);
  });

  test("never reads beyond the element that it is in", () => {
    const inner = readerOf("3003020201" + "0401ff").enter(sequence);
    expect(() => inner.contents(integer)).toThrow("longer than what is there");
    const wide = readerOf("30029f81" + "5001aa").enter(sequence);
    expect(() => wide.any()).toThrow(DerError);
  });

  test("says how much is left that nobody expects", () => {
    expect(() => readerOf("0500").finish()).toThrow("there are 2 bytes too many before byte 2");
  });
});

test("an attempt gives undefined for what is no DER, and lets every other error through", () => {
  expect(attempt(() => readerOf("0500").any().tag)).toBe(0x05);
  expect(attempt(() => readerOf("05").any())).toBeUndefined();
  expect(() =>
    attempt(() => {
      throw new TypeError("a bug");
    }),
  ).toThrow("a bug");
});

test("an error of DER is none of those that are told to a person", () => {
  expect(new DerError("x")).not.toBeInstanceOf(VibectlError);
  expect(String(new DerError("x"))).toBe("DerError: x");
});
