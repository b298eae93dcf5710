import { ModelError } from "../../../src/errors.ts";
import type { AnswerPart, Prompt, Provider } from "../../../src/providers/provider.ts";

/** A signal that never aborts. */
export const patience = new AbortController().signal;

/** A prompt of one user's turn. */
export function ask(text: string, rest: Partial<Prompt> = {}): Prompt {
  return { system: "Be brief.", turns: [{ role: "user", text }], ...rest };
}

/** What a call that has to fail failed with, and the text that arrived before. */
export interface Failed {
  error: ModelError;
  texts: string[];
}

/** Reads a stream to its end. */
export async function collect(parts: AsyncIterable<AnswerPart>): Promise<AnswerPart[]> {
  return await Array.fromAsync(parts);
}

/** Reads a stream that has to fail. */
export async function failingStream(provider: Provider, model: string, prompt = ask("hello")): Promise<Failed> {
  const texts: string[] = [];
  try {
    for await (const part of provider.stream(model, prompt, { signal: patience })) {
      if (part.type === "text") texts.push(part.text);
    }
  } catch (error) {
    if (error instanceof ModelError) return { error, texts };
    throw error;
  }
  throw new Error("the stream ended well");
}

/** Makes a call that has to fail. */
export async function failingCall(provider: Provider, model: string, prompt = ask("hello")): Promise<ModelError> {
  const thrown = await provider.generate(model, prompt, { signal: patience }).then(
    () => new Error("the call ended well"),
    (error: unknown) => error,
  );
  if (thrown instanceof ModelError) return thrown;
  throw thrown;
}

/** Everything an error would show: to its caller, and in a log that prints causes and all their fields. */
export function everythingIn(error: ModelError): string {
  return `${Bun.inspect(error, { depth: 20 })}\n${JSON.stringify({ ...error, cause: { ...(error.cause as object) } })}`;
}
