import { expect, test } from "bun:test";
import { recognise } from "../../../src/client/first-words.ts";

test.each([
  ["a SETTINGS frame", "\0\0\u0012\x04\0\0\0\0\0\0\x03", { protocol: "http/2" }],
  ["a GOAWAY frame", "\0\0\u0008\x07\0\0\0\0\0", { protocol: "http/2" }],
  ["a TLS alert", "\x15\x03\x01\0\x02\x02F", { protocol: "tls" }],
  ["an HTTP/1.1 answer", "HTTP/1.1 400 Bad Request\r\n", { protocol: "http/1" }],
  ["an error page without a header", "<!DOCTYPE HTML>\n", { protocol: "http/1" }],
  ["nothing", "", { protocol: "nothing" }],
  ["a line of another protocol", "220 mail\u0007 ready\r\n250", { protocol: "other", greeting: "220 mail ready" }],
  ["a frame of a stream", "\0\0\x04\x04\0\0\0\0\x01", { protocol: "other", greeting: "" }],
])("%s tells the protocol", (_, words, speech) => {
  expect(recognise(Buffer.from(words, "latin1"))).toEqual(speech as ReturnType<typeof recognise>);
});
