import type { Prompt } from "./provider.ts";

const mask = "[redacted]";

/** A run of this many characters that both texts have is a quotation; a shorter one, such as a model's name, need not be. */
const shortestEcho = 16;
const window = 8;

/** What is looked at of a long text, at its beginning and at its end, in characters. */
const considered = 256 * 1024;

function* partsOf(text: string): Generator<string> {
  if (text.length <= 2 * considered) return yield text;
  yield text.slice(0, considered);
  yield text.slice(-considered);
}

/** The windows of a text that also stand in others. */
function sharedWindows(text: string, others: readonly string[]): ReadonlySet<string> {
  const own = new Set<string>();
  for (let at = 0; at + window <= text.length; at++) own.add(text.slice(at, at + window));
  const shared = new Set<string>();
  for (const other of others) {
    for (const part of partsOf(other)) {
      for (let at = 0; at + window <= part.length; at++) {
        const piece = part.slice(at, at + window);
        if (own.has(piece)) shared.add(piece);
      }
    }
  }
  return shared;
}

/**
 * Takes out of a text what it quotes of others. Only its length counts: it takes no longer for a text that is made to fit.
 *
 * @param text - A provider's message.
 * @param others - What must not be quoted.
 */
export function withoutEchoes(text: string, others: readonly string[]): string {
  if (text.length < shortestEcho) return text;
  const shared = sharedWindows(text, others);
  let clean = "";
  let kept = 0;
  for (let at = 0; at + window <= text.length; at++) {
    const begin = at;
    while (at + window <= text.length && shared.has(text.slice(at, at + window))) at++;
    const end = at - 1 + window;
    if (at === begin || end - begin < shortestEcho) continue;
    clean += text.slice(kept, begin) + mask;
    kept = end;
  }
  return clean + text.slice(kept);
}

/** The texts of a prompt, none of which its provider's words may repeat to others. */
export function textsOf({ system, turns, schema }: Prompt): string[] {
  return [system, ...turns.map(({ text }) => text), ...(schema === undefined ? [] : [JSON.stringify(schema)])];
}
