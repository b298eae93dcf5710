import { expect, test } from "bun:test";
import { isDue, renewalTime } from "../../../src/pki/validity.ts";

const leaf = { notBefore: new Date("2027-01-01T00:00:00Z"), notAfter: new Date("2027-04-01T00:00:00Z") };
const far = new Date("2030-01-01T00:00:00Z");

test("a leaf is renewed at two thirds of its life, up to a thirtieth later", () => {
  expect(renewalTime(leaf, 0)).toEqual(new Date("2027-03-02T00:00:00Z"));
  expect(renewalTime(leaf, 1)).toEqual(new Date("2027-03-05T00:00:00Z"));
});

test("it is due from then on, also long after its end", () => {
  expect(isDue(leaf, far, new Date("2027-03-01T23:59:59Z"))).toBe(false);
  expect(isDue(leaf, far, new Date("2027-03-02T00:00:00Z"))).toBe(true);
  expect(isDue(leaf, far, new Date("2029-01-01T00:00:00Z"))).toBe(true);
});

test("it is never due while its issuer ends with it", () => {
  expect(isDue(leaf, leaf.notAfter, new Date("2027-03-31T00:00:00Z"))).toBe(false);
});
