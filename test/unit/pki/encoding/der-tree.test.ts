import { expect, test } from "bun:test";
import { childOf, type DerNode, decodeTree, decodeWhole } from "../../../../src/pki/encoding/der-tree.ts";
import { der } from "../der-builder.ts";

const sequence = 0x30;
const one = der(0x02, Buffer.of(1));

function nested(levels: number): Buffer {
  let bytes = der(0x05);
  for (let level = 1; level < levels; level++) bytes = der(sequence, bytes);
  return bytes;
}

test("an element is decoded with all that is in it, but for what lies in strings", () => {
  const string = der(0x04, one);
  const bytes = der(sequence, one, der(0xa0, string));
  const expected: DerNode = {
    tag: sequence,
    contents: bytes.subarray(2),
    bytes,
    children: [
      { tag: 0x02, contents: Buffer.of(1), bytes: one, children: [] },
      {
        tag: 0xa0,
        contents: string,
        bytes: der(0xa0, string),
        children: [{ tag: 0x04, contents: one, bytes: string, children: [] }],
      },
    ],
  };
  expect(decodeTree(bytes)).toEqual(expected);
  expect(childOf(expected, 0xa0)).toBe(expected.children[1]);
  expect(childOf(expected, 0x03)).toBeUndefined();
});

test("what follows the first element is passed over, or makes a whole one none", () => {
  const bytes = Buffer.concat([der(sequence, one), Buffer.of(0)]);
  expect(decodeTree(bytes)?.bytes).toEqual(der(sequence, one));
  expect(decodeWhole(bytes, sequence)).toBeUndefined();
  expect(decodeWhole(der(sequence, one), sequence)?.children).toHaveLength(1);
  expect(decodeWhole(one, sequence)).toBeUndefined();
});

test.each([
  ["nothing", Buffer.of()],
  ["an element that is cut off", der(sequence, one).subarray(0, -1)],
  ["one in which another is cut off", der(sequence, one.subarray(0, -1))],
  ["one of indefinite length", Buffer.of(sequence, 0x80, 0, 0)],
  ["65 levels", nested(65)],
  ["200,001 elements", der(sequence, Buffer.alloc(400_000, Buffer.of(5, 0)))],
])("%s can't be decoded", (_, bytes) => {
  expect(decodeTree(bytes)).toBeUndefined();
});

test("64 levels and 200,000 elements can be", () => {
  expect(decodeTree(nested(64))).toBeDefined();
  expect(decodeTree(der(sequence, Buffer.alloc(399_998, Buffer.of(5, 0))))?.children).toHaveLength(199_999);
});
