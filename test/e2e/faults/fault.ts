import { compatible } from "../../integration/providers/wires.ts";
import type { Exchange } from "./exchange.ts";
import { firstPieces, firstText, type Verdict } from "./verdicts.ts";

/** Where a failing model is said to be. Only at the upstream, plain or behind TLS, do requests arrive. */
export type Place =
  | "upstream"
  | "trusted TLS"
  | "TLS of nobody known"
  | "TLS of another host"
  | "TLS of long ago"
  | "TLS that is none"
  | "TLS without an answer"
  | "closed port"
  | "no such host";

/** One way to fail. */
export interface Fault {
  /** In the names of its providers and routes. */
  name: string;
  /** For the table. */
  title: string;
  /** `upstream` where left out. */
  at?: Place;
  /** What is done to the wire. */
  answer?(exchange: Exchange): void;
  unary: Verdict;
  streamed: Verdict;
  /** Whether the answer has to satisfy a schema. */
  structured?: true;
  /** Whether it keeps a processor busy; it then has the machine for itself. */
  heavy?: true;
}

/** The key of every failing model; nothing that a caller or the log gets may hold it. */
export const failingKey = "sk-canary-3e9d1f7a5b2c4d6e8f0a";

/** What else a provider may let slip, and what of it has to be taken out. */
const secretUrl = "https://canary-user:canary-password@internal.example/v1?key=canary-query";
const strangersRequest = "req_011CanaryOfSomebodyElse";

/** What nobody may get to see. */
export const canaries: readonly string[] = [
  failingKey,
  "canary-user",
  "canary-password",
  "canary-query",
  strangersRequest,
];

/** Says something that holds all that a provider should not have said. */
export function indiscreet(exchange: Exchange, words: string): string {
  return `${words} (${secretUrl}, request id: ${strangersRequest}; you sent ${exchange.request.text})`;
}

/** An error document as OpenAI writes it. */
export function errorDocument(exchange: Exchange, words: string, kind: { type?: string; code?: string | number } = {}) {
  return { error: { message: indiscreet(exchange, words), type: kind.type ?? "some_error", code: kind.code ?? null } };
}

/** The document of a whole answer. */
export function wholeAnswer(text: string): object {
  return compatible.whole(text);
}

/** Events of a stream, up to the last text. */
export function eventsUntilEnd(pieces: readonly string[] = firstPieces): string[] {
  return [...compatible.opening, ...pieces.map((piece) => compatible.text(piece))];
}

/** Events of a whole stream. */
export function allEvents(pieces: readonly string[] = firstPieces): string[] {
  return [...eventsUntilEnd(pieces), ...compatible.closing];
}

/** An event that carries any document. */
export function event(document: unknown): string {
  return `data: ${JSON.stringify(document)}\n\n`;
}

/** Gives a good answer in the way that was asked for. */
export function answerWell(exchange: Exchange, text: string = firstText): void {
  if (exchange.streamed) stream(exchange, allEvents(text.split(/(?<= )/)));
  else exchange.json(wholeAnswer(text));
}

/** Gives a streamed answer that ends as HTTP wants it. */
export function stream(exchange: Exchange, events: readonly string[]): void {
  exchange.begin();
  for (const each of events) exchange.chunk(each);
  exchange.end();
}
