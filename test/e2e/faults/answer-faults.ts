import { compatible } from "../../integration/providers/wires.ts";
import type { Exchange } from "./exchange.ts";
import { allEvents, errorDocument, event, eventsUntilEnd, type Fault, stream, wholeAnswer } from "./fault.ts";
import { answers, brokenOff, final, firstPieces, firstText, passedOn, repeated } from "./verdicts.ts";

const overloaded = { type: "overloaded_error", code: 503 };

/** Changes what stands in an answer, in either form. */
function changed(exchange: Exchange, change: (text: string) => string, pieces: readonly string[] = firstPieces): void {
  if (exchange.streamed) stream(exchange, allEvents(pieces).map(change));
  else {
    const document = change(JSON.stringify(wholeAnswer(pieces.join(""))));
    exchange.answer({ headers: { "content-type": "application/json" } }, document);
  }
}

/** Puts another count of tokens into an answer. */
function counting(usage: string | undefined): (exchange: Exchange) => void {
  const change = (text: string) =>
    text.replace(/,?"usage":\{[^}]*\}/, usage === undefined ? "" : `,"usage":${usage}`).replace("{,", "{");
  return (exchange) => changed(exchange, change);
}

const [finish = "", , done = ""] = compatible.closing;

/** How answers end, or fail to. */
const endings: readonly Fault[] = [
  {
    name: "error-event",
    title: "an error event in a stream with 200",
    answer(exchange) {
      const document = errorDocument(exchange, "Overloaded", overloaded);
      if (exchange.streamed) stream(exchange, [...eventsUntilEnd([]), event(document)]);
      else exchange.json(document);
    },
    unary: repeated("PROVIDER_OVERLOADED"),
    streamed: repeated("PROVIDER_OVERLOADED"),
  },
  {
    name: "error-event-late",
    title: "an error event after some text",
    answer(exchange) {
      const document = errorDocument(exchange, "Overloaded", overloaded);
      if (exchange.streamed) stream(exchange, [...eventsUntilEnd(), event(document), ...compatible.closing]);
      else exchange.json({ ...wholeAnswer(firstText), ...document });
    },
    unary: repeated("PROVIDER_OVERLOADED"),
    streamed: brokenOff("PROVIDER_OVERLOADED"),
  },
  {
    name: "done-twice",
    title: "duplicated end markers",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, [...allEvents(), ...compatible.closing])
        : exchange.answer(
            { headers: { "content-type": "application/json" } },
            JSON.stringify(wholeAnswer(firstText)).repeat(2),
          ),
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: answers(),
  },
  {
    name: "text-after-end",
    title: "text after the end marker",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, [...eventsUntilEnd(), ...compatible.closing, compatible.text("More."), done])
        : exchange.answer(
            { headers: { "content-type": "application/json" } },
            `${JSON.stringify(wholeAnswer(firstText))}\nMore.`,
          ),
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: brokenOff("PROVIDER_PROTOCOL"),
  },
  {
    name: "finish-without-done",
    title: "finish_reason without [DONE] (no fault)",
    answer: (exchange) =>
      exchange.streamed ? stream(exchange, [...eventsUntilEnd(), finish]) : exchange.json(wholeAnswer(firstText)),
    unary: answers(),
    streamed: answers(),
  },
  {
    name: "done-without-finish",
    title: "[DONE] without finish_reason",
    answer: (exchange) =>
      exchange.streamed
        ? stream(exchange, [...eventsUntilEnd(), done])
        : changed(exchange, (text) => text.replace('"finish_reason":"stop"', '"finish_reason":null')),
    unary: passedOn(["PROVIDER_PROTOCOL", "STREAM_TRUNCATED"], { each: [1, 3] }),
    streamed: brokenOff(["STREAM_TRUNCATED", "PROVIDER_PROTOCOL"]),
  },
  {
    name: "empty",
    title: "an empty answer",
    answer: (exchange) => changed(exchange, (text) => text, [""]),
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: passedOn("PROVIDER_PROTOCOL"),
  },
  {
    name: "no-body",
    title: "200 without a byte",
    answer: (exchange) =>
      exchange.answer(
        { headers: { "content-type": exchange.streamed ? "text/event-stream" : "application/json" } },
        "",
      ),
    unary: passedOn("PROVIDER_PROTOCOL"),
    streamed: passedOn(["PROVIDER_PROTOCOL", "STREAM_TRUNCATED"], { each: [1, 3] }),
  },
  {
    name: "length",
    title: "stopped at the output limit",
    answer: (exchange) =>
      changed(exchange, (text) => text.replace('"finish_reason":"stop"', '"finish_reason":"length"')),
    unary: final("OUTPUT_TRUNCATED"),
    streamed: brokenOff("OUTPUT_TRUNCATED"),
  },
  {
    name: "filtered",
    title: "stopped by the content filter",
    answer: (exchange) =>
      changed(exchange, (text) => text.replace('"finish_reason":"stop"', '"finish_reason":"content_filter"'), [""]),
    unary: final("CONTENT_REFUSED"),
    streamed: final("CONTENT_REFUSED"),
  },
  {
    name: "refusal",
    title: "a refusal in words",
    answer: (exchange) =>
      changed(
        exchange,
        (text) => text.replace('"content":"REFUSED"', '"content":null,"refusal":"I can\'t help with that."'),
        ["REFUSED"],
      ),
    unary: final("CONTENT_REFUSED"),
    streamed: final("CONTENT_REFUSED"),
  },
];

/** What answers say of their usage. */
const usages: readonly Fault[] = [
  {
    name: "usage-good",
    title: "usage given (no fault)",
    answer: (exchange) => changed(exchange, (text) => text),
    unary: answers({ estimated: false }),
    streamed: answers({ estimated: false }),
  },
  {
    name: "usage-missing",
    title: "usage missing",
    answer: counting(undefined),
    unary: answers({ estimated: true, workMs: 1000 }),
    streamed: answers({ estimated: true, workMs: 1000 }),
  },
  {
    name: "usage-negative",
    title: "usage contradictory (negative)",
    answer: counting('{"prompt_tokens":-7,"completion_tokens":-3,"total_tokens":-10}'),
    unary: answers({ estimated: true, workMs: 1000 }),
    streamed: answers({ estimated: true, workMs: 1000 }),
  },
  {
    name: "usage-zero",
    title: "usage contradictory (none for a text)",
    answer: counting('{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}'),
    unary: answers({ estimated: true, workMs: 1000 }),
    streamed: answers({ estimated: true, workMs: 1000 }),
  },
  {
    name: "usage-sum",
    title: "usage contradictory (total is no sum)",
    answer: counting('{"prompt_tokens":7,"completion_tokens":3,"total_tokens":99999}'),
    unary: answers({ estimated: true, workMs: 1000 }),
    streamed: answers({ estimated: true, workMs: 1000 }),
  },
];

/** What the schema of a structured answer allows. */
export const schema = JSON.stringify({
  type: "object",
  properties: { pods: { type: "integer" } },
  required: ["pods"],
  additionalProperties: false,
});

/** A document that satisfies it. */
export const structuredText = '{"pods":3}';

/** What is wrong with answers that have to satisfy a schema. */
const structures: readonly Fault[] = [
  {
    name: "schema-violated",
    title: "schema violated",
    structured: true,
    answer: (exchange) => changed(exchange, (text) => text, ['{"pods": "three"}']),
    unary: passedOn("INVALID_STRUCTURED_OUTPUT", { each: [2, 2] }),
    streamed: passedOn("INVALID_STRUCTURED_OUTPUT", { each: [2, 2] }),
  },
  {
    name: "schema-once",
    title: "schema violated once",
    structured: true,
    answer: (exchange) => changed(exchange, (text) => text, [exchange.count === 1 ? "three pods" : structuredText]),
    unary: answers({ text: structuredText, times: 2 }),
    streamed: answers({ text: structuredText, times: 2 }),
  },
  {
    name: "fence",
    title: "a fence around the JSON",
    structured: true,
    answer: (exchange) => changed(exchange, (text) => text, [`\`\`\`json\n${structuredText}\n\`\`\`\n`]),
    unary: answers({ text: structuredText }),
    streamed: answers({ text: structuredText }),
  },
];

/** What is wrong with what an answer says. */
export const answerFaults: readonly Fault[] = [...endings, ...usages, ...structures];
