import { expect, test } from "bun:test";
import type { ModelError } from "../../../src/errors.ts";
import { createProvider } from "../../../src/providers/registry.ts";
import { everythingIn, failingCall, failingStream } from "./calls.ts";
import { eventStream, startUpstream } from "./scripted-upstream.ts";
import { anthropic, compatible, google, key, openai, type Wire } from "./wires.ts";

/** A way in which a vendor says that there is no answer. */
interface Refusal {
  name: string;
  wire: Wire;
  whole: object;
  events: readonly string[];
  /** What the message ends with. */
  reason: string;
  /** What the vendor or the model says of it, if anything. */
  words?: string;
}

const words = "I'm sorry, I can't help with that.";
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const chatEvent = (delta: object, finish_reason: string | null = null) =>
  event({ choices: [{ index: 0, delta, finish_reason }] });
const chatWhole = (message: object, finish_reason: string) => ({
  id: "chat_1",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
});
const openaiPart = { item_id: "msg_1", output_index: 0, content_index: 0 };

const googleBlock = (candidate: object) => ({
  candidates: [{ index: 0, ...candidate }],
  usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
});

function replaced<T>(document: T, plain: string, other: string): T {
  return JSON.parse(JSON.stringify(document).replaceAll(plain, other)) as T;
}

const endTurn = '"stop_reason":"end_turn"';
const anthropicRefusal = `"stop_reason":"refusal","stop_details":{"type":"refusal","category":"cyber","explanation":"${words}"}`;

const refusals: readonly Refusal[] = [
  {
    name: "OpenAI's model refuses in words of its own",
    wire: openai,
    whole: replaced(openai.whole(words), '"type":"output_text","text"', '"type":"refusal","refusal"'),
    events: [
      ...openai.opening,
      ...["I'm sorry, ", "I can't help with that."].map((delta) =>
        event({ type: "response.refusal.delta", ...openaiPart, delta }),
      ),
      event({ type: "response.refusal.done", ...openaiPart, refusal: words }),
      ...openai.closing,
    ],
    reason: "refusal",
    words,
  },
  {
    name: "a chat model refuses in words of its own",
    wire: compatible,
    whole: chatWhole({ content: null, refusal: words }, "stop"),
    events: [
      ...compatible.opening,
      chatEvent({ refusal: "I'm sorry, " }),
      chatEvent({ refusal: "I can't help with that." }),
      ...compatible.closing,
    ],
    reason: "refusal",
    words,
  },
  {
    name: "Anthropic's model refuses",
    wire: anthropic,
    whole: replaced(anthropic.whole("I"), endTurn, anthropicRefusal),
    events: [...anthropic.opening, ...anthropic.closing.map((each) => each.replace(endTurn, anthropicRefusal))],
    reason: "refusal",
    words: `cyber: ${words}`,
  },
  ...["SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"].map(
    (finishReason) => ({
      name: `Google withholds an answer for ${finishReason}`,
      wire: google,
      whole: googleBlock({ finishReason, finishMessage: words }),
      events: [event(googleBlock({ finishReason, finishMessage: words }))],
      reason: finishReason,
      words,
    }),
  ),
  ...["SAFETY", "OTHER", "PROHIBITED_CONTENT", "JAILBREAK"].map((blockReason) => ({
    name: `Google blocks a prompt for ${blockReason}`,
    wire: google,
    whole: { promptFeedback: { blockReason }, usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 } },
    events: [event({ promptFeedback: { blockReason } })],
    reason: blockReason,
  })),
  {
    name: "a filter withholds a chat model's answer",
    wire: compatible,
    whole: chatWhole({ content: "" }, "content_filter"),
    events: [...compatible.opening, chatEvent({}, "content_filter"), ...compatible.closing.slice(1)],
    reason: "content_filter",
  },
  {
    name: "a chat model's maker calls it sensitive",
    wire: compatible,
    whole: chatWhole({ content: "" }, "sensitive"),
    events: [...compatible.opening, chatEvent({}, "sensitive"), ...compatible.closing.slice(1)],
    reason: "sensitive",
  },
];

async function refusedBy({ wire, whole, events }: Omit<Refusal, "name" | "reason">): Promise<{
  errors: readonly ModelError[];
  texts: readonly string[];
}> {
  await using upstream = startUpstream(({ body, path }) =>
    body.stream === true || path.includes("stream") ? eventStream(events) : Response.json(whole),
  );
  const provider = await createProvider(wire.settings(upstream.url));
  const { error, texts } = await failingStream(provider, wire.model);
  return { errors: [await failingCall(provider, wire.model), error], texts };
}

for (const { name, reason, words: told, ...answer } of refusals) {
  test(`${name}: the caller learns that it is a refusal, and nothing of it passes for an answer`, async () => {
    const { errors, texts } = await refusedBy(answer);
    expect(texts).toEqual([]);
    for (const error of errors) {
      expect(error.code).toBe("CONTENT_REFUSED");
      expect(error.message).toEndWith(`refused to answer because of the content: ${reason}`);
      expect(error.hint).toBe(told === undefined ? "Change what is asked." : `Change what is asked. It says: ${told}`);
    }
  });
}

test("text that came before a refusal stays, and the refusal follows it as an error", async () => {
  const events = [compatible.text("Well, "), chatEvent({ refusal: words }), ...compatible.closing];
  const { errors, texts } = await refusedBy({ wire: compatible, whole: chatWhole({ refusal: words }, "stop"), events });
  expect(texts).toEqual(["Well, "]);
  expect(errors[1]?.code).toBe("CONTENT_REFUSED");
});

test("a refusal that breaks off is a broken stream, which is worth another try", async () => {
  const events = [...compatible.opening, chatEvent({ refusal: "I'm " })];
  const { errors } = await refusedBy({ wire: compatible, whole: chatWhole({ refusal: words }, "stop"), events });
  expect(errors[1]?.code).toBe("STREAM_TRUNCATED");
});

test("a refusal's words hold no key, and the log has none of them", async () => {
  const leaky = { content: null, refusal: `Not with ${key}, and not about the payroll.` };
  const events = [chatEvent({ refusal: leaky.refusal }), ...compatible.closing];
  const { errors } = await refusedBy({ wire: compatible, whole: chatWhole(leaky, "stop"), events });
  for (const error of errors) {
    expect(everythingIn(error)).not.toContain(key);
    expect(error.hint).toEndWith("It says: Not with [redacted], and not about the payroll.");
    expect(`${error.message} ${Bun.inspect(error.cause)}`).not.toContain("payroll");
  }
});

for (const [name, wire, plain, other, ending] of [
  ["Anthropic paused", anthropic, endTurn, '"stop_reason":"pause_turn"', 'it ended with "pause_turn"'],
  ["OpenAI did not finish, for no reason", openai, '"status":"completed"', '"status":"incomplete"', '"incomplete"'],
  ["Google ended for another reason", google, '"finishReason":"STOP"', '"finishReason":"OTHER"', '"OTHER"'],
  ["a gateway broke off", compatible, '"finish_reason":"stop"', '"finish_reason":"abort"', '"abort"'],
] as const) {
  test(`an answer that ${name} is none`, async () => {
    const whole = replaced(wire.whole("Hel"), plain, other);
    const events = [...wire.opening, wire.text("Hel"), ...wire.closing].map((each) => each.replaceAll(plain, other));
    const { errors } = await refusedBy({ wire, whole, events });
    for (const error of errors) {
      expect(error.code).toBe("PROVIDER_PROTOCOL");
      expect(error.message).toEndWith(ending);
    }
  });
}

test("a model that had no room for an answer is overloaded", async () => {
  const plain = '"finish_reason":"stop"';
  const other = '"finish_reason":"insufficient_system_resource"';
  const whole = replaced(compatible.whole(""), plain, other);
  const { errors } = await refusedBy({
    wire: compatible,
    whole,
    events: compatible.closing.map((each) => each.replace(plain, other)),
  });
  for (const error of errors) expect(error.code).toBe("PROVIDER_OVERLOADED");
});
