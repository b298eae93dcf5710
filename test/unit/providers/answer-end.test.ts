import { describe, expect, test } from "bun:test";
import type { LanguageModelV4FinishReason } from "@ai-sdk/provider";
import { ModelError } from "../../../src/errors.ts";
import { continued, type ReportedEnd, readFinish, unfinished } from "../../../src/providers/answer-end.ts";
import { createRedactor } from "../../../src/providers/redact.ts";
import { SignReader, type Wire } from "../../../src/providers/wire-signs.ts";

const redact = createRedactor(["the-secret-key"]);
const context = { provider: "tiny", redact: (text: string) => redact(text).replace("asked", "…"), forCaller: redact };

type Unified = LanguageModelV4FinishReason["unified"];

function ended(unified: Unified | undefined, raw?: string, rest: Partial<ReportedEnd> = {}): ReportedEnd {
  const seen = { signs: new SignReader("chat"), hasText: true, hasReasoning: false };
  return { ...seen, ...(unified === undefined ? {} : { finishReason: { unified, raw } }), ...rest };
}

function signs(wire: Wire, ...documents: readonly object[]): SignReader {
  const reader = new SignReader(wire);
  for (const document of documents) reader.see(document);
  return reader;
}

function failure(end: ReportedEnd): ModelError {
  try {
    readFinish(context, end);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error("it is an answer");
}

describe("a plain end", () => {
  for (const raw of ["stop", "STOP", "end_turn", "stop_sequence", "completed", "COMPLETE", "eos", "eos_token"]) {
    test(`is what is called ${raw}, whatever the library makes of it`, () => {
      expect(readFinish(context, ended("other", raw))).toBe("stop");
    });
  }

  test("is a tool that was called for the sake of the answer's form", () => {
    expect(readFinish(context, ended("stop", "tool_use"))).toBe("stop");
    expect(failure(ended("tool-calls", "tool_use")).code).toBe("PROVIDER_PROTOCOL");
  });

  test("without a name is believed", () => {
    expect(readFinish(context, ended("stop"))).toBe("stop");
  });

  test("without text is none, and the error says whether there was reasoning", () => {
    expect(failure(ended("stop", "stop", { hasText: false })).message).toEndWith("it is empty");
    expect(failure(ended("stop", "stop", { hasText: false, hasReasoning: true })).message).toEndWith(
      "it has only reasoning and no text",
    );
  });
});

for (const raw of ["length", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_context_window_exceeded"]) {
  test(`an end called ${raw} is one at a limit, with or without text`, () => {
    expect(readFinish(context, ended("other", raw))).toBe("length");
    expect(readFinish(context, ended("length", raw, { hasText: false }))).toBe("length");
  });
}

for (const raw of [
  "refusal",
  "content_filter",
  "sensitive",
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MODEL_ARMOR",
]) {
  test(`an end called ${raw} is a refusal that says so`, () => {
    const error = failure(ended("other", raw));
    expect(error.code).toBe("CONTENT_REFUSED");
    expect(error.message).toBe(`tiny refused to answer because of the content: ${raw}`);
  });
}

test("a reason that the library alone knows as a refusal is one too", () => {
  expect(failure(ended("content-filter", "OTHER")).message).toEndWith("because of the content: OTHER");
});

describe("a refusal", () => {
  const refusing = { choices: [{ delta: { refusal: "I can't do what you asked, " } }] };
  const more = { choices: [{ delta: { refusal: "not with the-secret-key." }, finish_reason: "stop" }] };

  test("tells the caller the model's own words, without secrets, and keeps them out of the message", () => {
    const error = failure(ended("content-filter", "stop", { signs: signs("chat", refusing, more) }));
    expect(error.message).toBe("tiny refused to answer because of the content: refusal");
    expect(error.hint).toBe("Change what is asked. It says: I can't do what you asked, not with [redacted].");
  });

  test("is one even where the library takes its words for an answer", () => {
    expect(failure(ended("stop", "stop", { signs: signs("chat", refusing, more) })).code).toBe("CONTENT_REFUSED");
  });

  test("has an end, however long it is", () => {
    const long = { choices: [{ delta: { refusal: "no ".repeat(100_000) } }] };
    expect((failure(ended("stop", "stop", { signs: signs("chat", long) })).hint ?? "").length).toBeLessThan(600);
  });

  test("of Anthropic tells its category", () => {
    const delta = {
      stop_reason: "refusal",
      stop_details: { category: "cyber", explanation: "It looks like malware." },
    };
    const error = failure(
      ended("content-filter", "refusal", { signs: signs("messages", { type: "message_delta", delta }) }),
    );
    expect(error.hint).toEndWith("It says: cyber: It looks like malware.");
  });
});

describe("no answer is", () => {
  test("one that was paused", () => {
    expect(failure(ended("stop", "pause_turn")).message).toEndWith('it ended with "pause_turn"');
  });

  test("one whose provider had no room for it", () => {
    expect(failure(ended("other", "insufficient_system_resource")).code).toBe("PROVIDER_OVERLOADED");
  });

  test("one that does not say how it ended", () => {
    expect(failure(ended("other")).message).toEndWith("it does not say how it ended");
    expect(failure(ended("error")).code).toBe("PROVIDER_PROTOCOL");
  });

  test("one that OpenAI calls incomplete without a reason, though the library calls it a plain end", () => {
    const incomplete = { type: "response.incomplete", response: { status: "incomplete", incomplete_details: null } };
    const error = failure(ended("stop", undefined, { signs: signs("responses", incomplete) }));
    expect(error.message).toEndWith('it ended with "incomplete"');
  });

  test("one that was broken off", () => {
    expect(failure(ended("interrupted")).code).toBe("STREAM_TRUNCATED");
    const html = failure(ended("interrupted", undefined, { contentType: "text/html; charset=utf-8" }));
    expect(html.message).toEndWith("it is text/html, not an event stream");
  });
});

test("an answer whose connection broke after its end is judged by what the vendor said", () => {
  const finished = { choices: [{ delta: { content: "x" }, finish_reason: "length" }] };
  expect(readFinish(context, ended(undefined, undefined, { signs: signs("chat", finished) }))).toBe("length");
});

test("text after the end is no answer", () => {
  expect(continued(context).message).toEndWith("it went on after its end");
  expect(unfinished(context, "text/event-stream; charset=utf-8").code).toBe("STREAM_TRUNCATED");
});
