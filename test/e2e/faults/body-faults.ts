import { gzipSync } from "node:zlib";
import { compatible } from "../../integration/providers/wires.ts";
import { type Exchange, lingerMs } from "./exchange.ts";
import { allEvents, answerWell, eventsUntilEnd, type Fault, indiscreet, stream, wholeAnswer } from "./fault.ts";
import { answers, brokenOff, final, firstText, passedOn } from "./verdicts.ts";

const json = { "content-type": "application/json" };
const malformed = passedOn("PROVIDER_PROTOCOL");

/** Writes a body in pieces that are cut anywhere, within characters too. */
function inPieces(exchange: Exchange, body: Buffer, size: number): void {
  for (let at = 0; at < body.length; at += size) exchange.chunk(body.subarray(at, at + size));
}

/** Japanese, an emoji with a joiner, accents: two to four bytes each. */
const wideText = "漢字 かな 👩‍🚀 déjà vu Ω";

const badBytes = Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0xe2, 0x82]);

/** A document whose text is not UTF-8. */
function notUtf8(document: string): Buffer {
  const [before = "", after = ""] = document.split("HERE");
  return Buffer.concat([Buffer.from(before), badBytes, Buffer.from(after)]);
}

/** What can't be read. */
const unreadable: readonly Fault[] = [
  {
    name: "no-http",
    title: "not HTTP at all",
    answer(exchange) {
      exchange.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\nand so on\r\n\r\n");
      exchange.closeAtOnce();
    },
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "endless-headers",
    title: "headers without end",
    heavy: true,
    answer: (exchange) => {
      exchange.write("HTTP/1.1 200 OK\r\n");
      exchange.pour(Buffer.from(`x-filler: ${"f".repeat(1000)}\r\n`));
    },
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "json-malformed",
    title: "malformed JSON",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, [...eventsUntilEnd([]), 'data: {"id": "x", "choices": [{]}\n\n', ...compatible.closing])
        : exchange.answer({ headers: json }, `{"id": "x", "note": ${JSON.stringify(indiscreet(exchange, "oops"))}, `),
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "json-malformed-late",
    title: "malformed JSON after some text",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, [...eventsUntilEnd(), 'data: {"id": "x", "choices": [{]}\n\n', ...compatible.closing])
        : exchange.answer({ headers: json }, `${JSON.stringify(wholeAnswer(firstText))}}`),
    unary: malformed,
    streamed: brokenOff("PROVIDER_PROTOCOL"),
  },
  {
    name: "json-shapeless",
    title: "JSON of another shape",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, ['data: {"choices": "none"}\n\n', ...compatible.closing])
        : exchange.json({ choices: "none" }),
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "sse-malformed",
    title: "malformed SSE",
    answer: (exchange) => stream(exchange, ["this is no event\n\n: nor is this\n\nno: not this\n\n"]),
    unary: malformed,
    streamed: passedOn(["PROVIDER_PROTOCOL", "STREAM_TRUNCATED"], { each: [1, 3] }),
  },
  {
    name: "content-type",
    title: "an HTML page with 200",
    answer: (exchange) =>
      exchange.answer({ headers: { "content-type": "text/html" } }, "<html>Please sign in to the network.</html>"),
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "utf8-invalid",
    title: "invalid UTF-8",
    answer(exchange) {
      if (exchange.streamed) {
        exchange.begin();
        exchange.chunk(notUtf8(allEvents(["HERE"]).join("")));
        exchange.end();
      } else exchange.answer({ headers: json }, notUtf8(JSON.stringify(wholeAnswer("HERE"))));
    },
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "utf8-invalid-late",
    title: "invalid UTF-8 after some text",
    answer(exchange) {
      if (exchange.streamed) {
        exchange.begin();
        for (const each of eventsUntilEnd()) exchange.chunk(each);
        setTimeout(() => {
          exchange.chunk(notUtf8(compatible.text("HERE")));
          exchange.chunk(compatible.closing.join(""));
          exchange.end();
        }, lingerMs);
      } else exchange.answer({ headers: json }, notUtf8(JSON.stringify(wholeAnswer(`${firstText}HERE`))));
    },
    unary: malformed,
    streamed: brokenOff("PROVIDER_PROTOCOL"),
  },
  {
    name: "chunking-bad",
    title: "chunk sizes that are none",
    answer(exchange) {
      exchange.begin(exchange.streamed ? {} : json);
      exchange.write("zz\r\nnonsense\r\n");
      exchange.closeAtOnce();
    },
    unary: malformed,
    streamed: malformed,
  },
];

const zeros = gzipSync(Buffer.alloc(256 * 1024 * 1024));

/** A whole answer or stream, compressed. */
function compressed(exchange: Exchange, change: (bytes: Buffer) => Uint8Array): void {
  const body = exchange.streamed ? allEvents().join("") : JSON.stringify(wholeAnswer(firstText));
  const type = exchange.streamed ? "text/event-stream" : "application/json";
  exchange.answer({ headers: { "content-type": type, "content-encoding": "gzip" } }, change(gzipSync(body)));
}

/** What goes wrong with compression. */
const compression: readonly Fault[] = [
  {
    name: "gzip-good",
    title: "gzip that was not asked for (no fault)",
    answer: (exchange) => compressed(exchange, (bytes) => bytes),
    unary: answers(),
    streamed: answers(),
  },
  {
    name: "gzip-garbage",
    title: "gzip gone wrong",
    answer: (exchange) => compressed(exchange, (bytes) => bytes.fill(0x5a, 12)),
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "gzip-cut",
    title: "gzip that ends early",
    answer: (exchange) => compressed(exchange, (bytes) => bytes.subarray(0, 40)),
    unary: passedOn(["PROVIDER_PROTOCOL", "PROVIDER_UNAVAILABLE"], { each: [1, 3] }),
    streamed: passedOn(["PROVIDER_PROTOCOL", "STREAM_TRUNCATED"], { each: [1, 3] }),
  },
  {
    name: "gzip-bomb",
    title: "256 MB of zeros in gzip",
    heavy: true,
    answer: (exchange) =>
      exchange.answer(
        {
          headers: {
            "content-type": exchange.streamed ? "text/event-stream" : "application/json",
            "content-encoding": "gzip",
          },
        },
        zeros,
      ),
    unary: passedOn(["PROVIDER_PROTOCOL", "RESPONSE_TOO_LARGE"], { workMs: 600 }),
    streamed: passedOn(["PROVIDER_PROTOCOL", "RESPONSE_TOO_LARGE"], { workMs: 600 }),
  },
];

const filler = "All work and no play. ";
const again = "again and ";

/** A text of so many megabytes. */
function longText(megabytes: number): string {
  return filler.repeat(Math.ceil((megabytes * 1024 ** 2) / filler.length));
}

const fiftyMegabytes = longText(50);
const fiveMegabytes = longText(5);

/** Pieces of a text, each of so many characters. */
function* slices(text: string, length: number): Generator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

/** What is too much, or odd in its form. */
const sizes: readonly Fault[] = [
  {
    name: "utf8-split",
    title: "split code points across chunks (no fault)",
    answer(exchange) {
      const body = exchange.streamed ? allEvents([wideText]).join("") : JSON.stringify(wholeAnswer(wideText));
      exchange.begin(exchange.streamed ? {} : json);
      inPieces(exchange, Buffer.from(body), 1);
      exchange.end();
    },
    unary: answers({ text: wideText }),
    streamed: answers({ text: wideText }),
  },
  {
    name: "hints",
    title: "103 before the answer (no fault)",
    answer(exchange) {
      exchange.write("HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n");
      answerWell(exchange);
    },
    unary: answers(),
    streamed: answers(),
  },
  {
    name: "continue",
    title: "100 Continue that nobody asked for",
    answer(exchange) {
      exchange.write("HTTP/1.1 100 Continue\r\n\r\n");
      answerWell(exchange);
    },
    unary: malformed,
    streamed: malformed,
  },
  {
    name: "endless",
    title: "an endless answer",
    heavy: true,
    answer(exchange) {
      exchange.begin(exchange.streamed ? {} : json);
      exchange.chunk(exchange.streamed ? compatible.opening.join("") : '{"choices": [{"message": {"content": "');
      const more = exchange.streamed ? compatible.text(again.repeat(1000)) : again.repeat(1000);
      exchange.pour(Buffer.from(`${Buffer.byteLength(more).toString(16)}\r\n${more}\r\n`));
    },
    unary: passedOn(["PROVIDER_PROTOCOL", "RESPONSE_TOO_LARGE"], { workMs: 600 }),
    streamed: brokenOff("PROVIDER_TIMEOUT", { text: again, endless: true, eachMs: 3000 }),
  },
  {
    name: "50-mb",
    title: "an answer of 50 MB",
    heavy: true,
    answer(exchange) {
      if (!exchange.streamed) exchange.json(wholeAnswer(fiftyMegabytes));
      else stream(exchange, allEvents([...slices(fiftyMegabytes, 64 * 1024)]));
    },
    unary: final("RESPONSE_TOO_LARGE", { workMs: 1000 }),
    streamed: answers({ text: fiftyMegabytes, workMs: 2000 }),
  },
  {
    name: "5-mb-chunk",
    title: "a chunk of 5 MB",
    heavy: true,
    answer(exchange) {
      if (exchange.streamed) stream(exchange, allEvents([fiveMegabytes]));
      else exchange.json(wholeAnswer(fiveMegabytes));
    },
    unary: final("RESPONSE_TOO_LARGE", { workMs: 300 }),
    streamed: answers({ text: fiveMegabytes, workMs: 300 }),
  },
];

/** What is wrong with the body of an answer. */
export const bodyFaults: readonly Fault[] = [...unreadable, ...compression, ...sizes];
