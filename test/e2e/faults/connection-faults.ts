import { type Exchange, lingerMs } from "./exchange.ts";
import { allEvents, answerWell, eventsUntilEnd, type Fault, wholeAnswer } from "./fault.ts";
import { answers, brokenOff, firstText, limits, passedOn, repeated, timedOut } from "./verdicts.ts";

const none = [0, 0] as const;
const { connectMs, firstByteMs, betweenChunksMs, callMs } = limits;

const unreachable = repeated("PROVIDER_UNAVAILABLE", { each: none });

/** What goes wrong before there is an HTTP connection. */
const connecting: readonly Fault[] = [
  { name: "refused", title: "connection refused", at: "closed port", unary: unreachable, streamed: unreachable },
  { name: "dns", title: "DNS failure", at: "no such host", unary: unreachable, streamed: unreachable },
  {
    name: "tls-untrusted",
    title: "TLS: certificate of an unknown CA",
    at: "TLS of nobody known",
    unary: unreachable,
    streamed: unreachable,
  },
  {
    name: "tls-name",
    title: "TLS: certificate of another host",
    at: "TLS of another host",
    unary: unreachable,
    streamed: unreachable,
  },
  {
    name: "tls-expired",
    title: "TLS: certificate expired",
    at: "TLS of long ago",
    unary: unreachable,
    streamed: unreachable,
  },
  {
    name: "tls-none",
    title: "TLS: the other side speaks no TLS",
    at: "TLS that is none",
    unary: unreachable,
    streamed: unreachable,
  },
  {
    name: "tls-silent",
    title: "TLS: no answer to the handshake",
    at: "TLS without an answer",
    unary: timedOut({ eachMs: connectMs, each: none }),
    streamed: timedOut({ eachMs: connectMs, each: none }),
  },
  {
    name: "tls-good",
    title: "TLS of a CA in ca_file (no fault)",
    at: "trusted TLS",
    answer: answerWell,
    unary: answers(),
    streamed: answers(),
  },
];

/** What goes wrong while an answer is waited for. */
const waiting: readonly Fault[] = [
  {
    name: "silent",
    title: "accept and silence",
    answer: () => undefined,
    unary: timedOut({ eachMs: callMs }),
    streamed: timedOut({ eachMs: firstByteMs }),
  },
  {
    name: "headers-only",
    title: "headers, then silence",
    answer: (exchange) =>
      exchange.streamed
        ? exchange.begin()
        : exchange.head({ headers: { "content-type": "application/json", "content-length": "500" } }),
    unary: timedOut({ eachMs: callMs }),
    streamed: timedOut({ eachMs: firstByteMs }),
  },
  {
    name: "byte-a-second",
    title: "one byte a second",
    answer(exchange) {
      const bytes = Buffer.from(allEvents().join(""));
      let sent = 0;
      exchange.begin();
      exchange.every(1000, () => exchange.chunk(bytes.subarray(sent, ++sent)));
    },
    unary: timedOut({ eachMs: callMs }),
    streamed: timedOut({ eachMs: firstByteMs }),
  },
  {
    name: "drip",
    title: "a byte every 0.2 s",
    answer(exchange) {
      const bytes = Buffer.from(allEvents().join(""));
      let sent = 0;
      exchange.begin();
      exchange.every(200, () => exchange.chunk(bytes.subarray(sent, ++sent)));
    },
    unary: timedOut({ eachMs: callMs }),
    streamed: timedOut({ eachMs: callMs }),
  },
  {
    name: "stalled",
    title: "silence after some text",
    answer(exchange) {
      if (!exchange.streamed) return;
      exchange.begin();
      for (const each of eventsUntilEnd()) exchange.chunk(each);
    },
    unary: timedOut({ eachMs: callMs }),
    streamed: brokenOff("PROVIDER_TIMEOUT", { eachMs: betweenChunksMs }),
  },
];

/** The beginning of a whole answer, which announces more than it has. */
const halfAnswer = JSON.stringify(wholeAnswer(firstText)).slice(0, 80);
const announced = { "content-type": "application/json", "content-length": "2000" };

/** Begins an answer that has text and no end. */
function beginHalf(exchange: Exchange): void {
  if (exchange.streamed) {
    exchange.begin();
    for (const each of eventsUntilEnd()) exchange.chunk(each);
  } else {
    exchange.head({ headers: announced });
    exchange.write(halfAnswer);
  }
}

/** What goes wrong with a connection that stood. */
const breaking: readonly Fault[] = [
  {
    name: "reset-first",
    title: "reset before the headers",
    answer: (exchange) => exchange.resetAtOnce(),
    unary: repeated("PROVIDER_UNAVAILABLE"),
    streamed: repeated("PROVIDER_UNAVAILABLE"),
  },
  {
    name: "reset-once",
    title: "reset before the headers, once",
    answer: (exchange) => (exchange.count === 1 ? exchange.resetAtOnce() : answerWell(exchange)),
    unary: answers({ times: 2 }),
    streamed: answers({ times: 2 }),
  },
  {
    name: "close-first",
    title: "clean close before the headers",
    answer: (exchange) => exchange.closeAtOnce(),
    unary: repeated("PROVIDER_UNAVAILABLE"),
    streamed: repeated("PROVIDER_UNAVAILABLE"),
  },
  {
    name: "close-in-head",
    title: "clean close within the headers",
    answer(exchange) {
      exchange.write("HTTP/1.1 200 OK\r\ncontent-ty");
      exchange.closeAtOnce();
    },
    unary: repeated("PROVIDER_UNAVAILABLE"),
    streamed: repeated("PROVIDER_UNAVAILABLE"),
  },
  {
    name: "reset-in-middle",
    title: "reset in the middle",
    answer(exchange) {
      beginHalf(exchange);
      exchange.reset();
    },
    unary: repeated("PROVIDER_UNAVAILABLE", { eachMs: lingerMs }),
    streamed: brokenOff("STREAM_TRUNCATED"),
  },
  {
    name: "close-in-middle",
    title: "clean close in the middle",
    answer(exchange) {
      beginHalf(exchange);
      exchange.close();
    },
    unary: repeated("PROVIDER_UNAVAILABLE", { eachMs: lingerMs }),
    streamed: brokenOff("STREAM_TRUNCATED"),
  },
  {
    name: "close-before-text",
    title: "clean close before any text",
    answer(exchange) {
      if (exchange.streamed) {
        exchange.begin();
        for (const each of eventsUntilEnd([])) exchange.chunk(each);
      } else exchange.head({ headers: announced });
      exchange.closeAtOnce();
    },
    unary: repeated("PROVIDER_UNAVAILABLE"),
    streamed: repeated("STREAM_TRUNCATED"),
  },
  {
    name: "no-end-marker",
    title: "ended without the end marker",
    answer(exchange) {
      exchange.begin(exchange.streamed ? {} : { "content-type": "application/json" });
      if (exchange.streamed) for (const each of eventsUntilEnd()) exchange.chunk(each);
      else exchange.chunk(halfAnswer);
      exchange.end();
    },
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: brokenOff("STREAM_TRUNCATED"),
  },
  {
    name: "close-delimited",
    title: "body without a length, cut off",
    answer(exchange) {
      const type = exchange.streamed ? "text/event-stream" : "application/json";
      exchange.head({ headers: { "content-type": type, connection: "close" } });
      exchange.write(exchange.streamed ? eventsUntilEnd().join("") : halfAnswer);
      exchange.close();
    },
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: brokenOff("STREAM_TRUNCATED"),
  },
];

/** What goes wrong on the way to an answer, and while it comes. */
export const connectionFaults: readonly Fault[] = [...connecting, ...waiting, ...breaking];
