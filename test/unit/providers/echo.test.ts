import { expect, test } from "bun:test";
import { createEchoProvider } from "../../../src/providers/echo.ts";
import type { AnswerPart, Prompt, Spent } from "../../../src/providers/provider.ts";
import type { EchoSettings } from "../../../src/providers/settings.ts";

const patience = new AbortController().signal;
const hour = 3_600_000;

function echo(settings: Partial<EchoSettings> = {}) {
  return createEchoProvider({ name: "echo", type: "echo", ...settings });
}

function ask(text: string, rest: Partial<Prompt> = {}): Prompt {
  return { system: "two words", turns: [{ role: "user", text }], ...rest };
}

async function textsOf(text: string): Promise<string[]> {
  const parts: AnswerPart[] = await Array.fromAsync(echo().stream("echo", ask(text), { signal: patience }));
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
}

test("it offers one model, which streams", async () => {
  expect(await echo().models(patience)).toEqual([{ name: "echo", displayName: "Echo", streaming: true }]);
});

test("it answers word by word, each word with the white space behind it", async () => {
  expect(await textsOf("get  pods\n\nin kube-system")).toEqual(["get  ", "pods\n\n", "in ", "kube-system"]);
});

for (const text of ["one", "  leading and trailing \n", "tabs\tand\u00a0others\u3000too", "👋 世界", " \n ", ""]) {
  test(`its chunks together are exactly ${JSON.stringify(text)}`, async () => {
    expect((await textsOf(text)).join("")).toBe(text);
    expect((await echo().generate("echo", ask(text), { signal: patience })).text).toBe(text);
  });
}

test("it answers the last turn of the user", async () => {
  const turns = [
    { role: "user", text: "first" },
    { role: "assistant", text: "answer" },
    { role: "user", text: "second" },
  ] as const;
  const { text, usage } = await echo().generate("echo", { system: "a b", turns }, { signal: patience });
  expect(text).toBe("second");
  expect(usage).toEqual({ inputTokens: 5, outputTokens: 1 });
});

test("it counts words as tokens, and costs nothing", async () => {
  const end = { finishReason: "stop", usage: { inputTokens: 5, outputTokens: 3 }, costUsd: 0 } as const;
  expect(await echo().generate("echo", ask("a b c"), { signal: patience })).toEqual({ text: "a b c", ...end });
  const parts = await Array.fromAsync(echo().stream("echo", ask("a b c"), { signal: patience }));
  expect(parts.at(-1)).toEqual({ type: "end", ...end });
});

test("a text of 16 MiB is cut into words only as they are read", async () => {
  const text = "0123456 ".repeat(2 * 1024 * 1024);
  let read = 0;
  for await (const part of echo().stream("echo", ask(text), { signal: patience })) {
    expect(part).toEqual({ type: "text", text: "0123456 " });
    if (++read === 10) break;
  }
  expect(read).toBe(10);
});

for (const failure of ["PROVIDER_OVERLOADED", "CONTENT_REFUSED"] as const) {
  test(`told to fail with ${failure}, it does before the first word`, async () => {
    const provider = echo({ failure });
    await expect(provider.generate("echo", ask("a b"), { signal: patience })).rejects.toMatchObject({ code: failure });
    const parts = provider.stream("echo", ask("a b"), { signal: patience })[Symbol.asyncIterator]();
    await expect(parts.next()).rejects.toMatchObject({ code: failure });
  });
}

test("told to fail after some words, it sends them first", async () => {
  const parts = echo({ failAfterChunks: 2 })
    .stream("echo", ask("a b c d"), { signal: patience })
    [Symbol.asyncIterator]();
  expect((await parts.next()).value).toEqual({ type: "text", text: "a " });
  expect((await parts.next()).value).toEqual({ type: "text", text: "b " });
  await expect(parts.next()).rejects.toMatchObject({ code: "STREAM_TRUNCATED" });
});

test("told to fail after more words than there are, it fails at the end", async () => {
  const parts = echo({ failure: "PROVIDER_TIMEOUT", failAfterChunks: 9 }).stream("echo", ask("a"), {
    signal: patience,
  });
  await expect(Array.fromAsync(parts)).rejects.toMatchObject({ code: "PROVIDER_TIMEOUT" });
});

test("a failure that is no error code is refused, with those that are", () => {
  expect(() => echo({ failure: "OOPS" })).toThrow(expect.objectContaining({ code: "CONFIGURATION_INVALID" }));
  expect(() => echo({ failure: "toString" })).toThrow(expect.objectContaining({ code: "CONFIGURATION_INVALID" }));
});

for (const [name, settings] of [
  ["before the first word", { delayMs: hour }],
  ["between words", { chunkDelayMs: hour }],
] as const) {
  test(`a delay ${name} ends at once with the signal's reason`, async () => {
    const caller = new AbortController();
    const reason = new Error("enough");
    const whole = echo(settings).generate("echo", ask("a b"), { signal: caller.signal });
    const parts = Array.fromAsync(echo(settings).stream("echo", ask("a b"), { signal: caller.signal }));
    const outcomes = Promise.allSettled([whole, parts]);
    await Promise.resolve();
    caller.abort(reason);
    expect(await outcomes).toEqual([
      { status: "rejected", reason },
      { status: "rejected", reason },
    ]);
  });
}

test("a call whose signal is aborted already does nothing", async () => {
  const reason = new Error("enough");
  const options = { signal: AbortSignal.abort(reason) };
  await expect(echo().generate("echo", ask("a"), options)).rejects.toBe(reason);
  await expect(Array.fromAsync(echo().stream("echo", ask("a"), options))).rejects.toBe(reason);
});

test("an abort between words ends the stream with the signal's reason", async () => {
  const caller = new AbortController();
  const reason = new Error("enough");
  const parts = echo().stream("echo", ask("a b c"), { signal: caller.signal })[Symbol.asyncIterator]();
  await parts.next();
  caller.abort(reason);
  await expect(parts.next()).rejects.toBe(reason);
});

test("a schema is answered with a document that satisfies it", async () => {
  const schema = {
    type: "object",
    properties: { verb: { enum: ["get", "list"] }, note: { type: "string" } },
    required: ["verb"],
  };
  const { text } = await echo().generate("echo", ask("a", { schema }), { signal: patience });
  expect(text).toBe('{"verb":"get"}');
  const parts = await Array.fromAsync(echo().stream("echo", ask("a", { schema }), { signal: patience }));
  expect(parts[0]).toEqual({ type: "text", text: '{"verb":"get"}' });
});

/** What a call that does not come to its end has used. */
async function spentBy(
  settings: Partial<EchoSettings>,
  way: "left" | "aborted" | "failed" | "complete",
): Promise<Spent[]> {
  const spent: Spent[] = [];
  const caller = new AbortController();
  const options = { signal: caller.signal, onSpent: (each: Spent) => spent.push(each) };
  const parts = echo(settings).stream("echo", ask("a b c"), options)[Symbol.asyncIterator]();
  if (way === "left" || way === "aborted") await parts.next();
  if (way === "left") await parts.return?.();
  if (way === "aborted") caller.abort(new Error("enough"));
  const rest = { [Symbol.asyncIterator]: () => parts };
  await Array.fromAsync(rest).catch(() => undefined);
  return spent;
}

test("an answer that is left, aborted or fails on its way has used the words until then", async () => {
  const usage = { inputTokens: 5, outputTokens: 1 };
  expect(await spentBy({}, "left")).toEqual([{ usage, costUsd: 0 }]);
  expect(await spentBy({}, "aborted")).toEqual([{ usage, costUsd: 0 }]);
  const failing = { failure: "PROVIDER_OVERLOADED", failAfterChunks: 1 };
  expect(await spentBy(failing, "failed")).toEqual([{ usage, costUsd: 0 }]);
});

test("a complete answer has nothing more to tell, and neither has one that is refused at once", async () => {
  expect(await spentBy({}, "complete")).toEqual([]);
  expect(await spentBy({ failure: "PROVIDER_OVERLOADED" }, "failed")).toEqual([]);
});

test("a whole answer that is not waited for has used its prompt", async () => {
  const spent: Spent[] = [];
  const caller = new AbortController();
  const options = { signal: caller.signal, onSpent: (each: Spent) => spent.push(each) };
  const whole = echo({ delayMs: hour }).generate("echo", ask("a b c"), options);
  const outcome = whole.catch((error: unknown) => error);
  await Promise.resolve();
  caller.abort(new Error("enough"));
  await outcome;
  expect(spent).toEqual([{ usage: { inputTokens: 5, outputTokens: 0 }, costUsd: 0 }]);
  await echo()
    .generate("echo", ask("a b c"), options)
    .catch(() => undefined);
  expect(spent).toHaveLength(1);
});
