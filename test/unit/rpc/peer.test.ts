import { expect, test } from "bun:test";
import { formatPeer } from "../../../src/rpc/peer.ts";

test.each([
  ["127.0.0.1:4242", "127.0.0.1:4242"],
  ["::1:4242", "[::1]:4242"],
  ["2001:db8::7:4242", "[2001:db8::7]:4242"],
  ["::ffff:192.0.2.1:4242", "192.0.2.1:4242"],
  ["unknown", "unknown"],
])("the peer %s reads as %s", (peer, formatted) => {
  expect(formatPeer(peer)).toBe(formatted);
});
