import {
  APICallError,
  EmptyResponseBodyError,
  InvalidArgumentError,
  InvalidPromptError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  NoContentGeneratedError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { TransportError } from "./transport/transport-error.ts";

/** Where a call failed. */
export type FailurePoint =
  /** The provider answered with an error. */
  | "answer"
  /** No connection came about, or it broke before the answer began. */
  | "connection"
  /** The connection broke within an answer that had begun well. */
  | "body"
  /** The answer is not what the provider's API promises. */
  | "format"
  /** Something did not happen in time. */
  | "time"
  /** The stream ended without the provider's own end marker. */
  | "end"
  /** The request could not be put into the provider's form. */
  | "request"
  | "unknown";

/** What is known of a failed call, whatever threw it. Nothing in it is redacted. */
export interface Symptoms {
  point: FailurePoint;
  /** What kind of object was thrown. */
  name: string;
  /** HTTP status. */
  status: number | undefined;
  /** The address that was called. */
  url: string | undefined;
  /** The provider's or the system's own names for the failure, in lower case. */
  kind: string;
  /** The provider's own message, or the transport's; empty when there is none. */
  message: string;
  /** What to do next, where that is known here. */
  hint?: string | undefined;
  /** The headers of the answer. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The error document, as it was parsed. */
  document?: unknown;
}

/** More of a message than this is not looked at, in characters. */
const longest = 8000;

/** A JSON object, or what may be one. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value has fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function parse(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function reasons(details: unknown): string[] {
  return Array.isArray(details) ? details.map((detail) => text(isFields(detail) ? detail.reason : undefined)) : [];
}

/** The HTTP status that a document names, where it is one of an error. */
function statusIn({ statusCode, code, status }: Fields): number | undefined {
  return [statusCode, code, status].map(Number).find((each) => Number.isInteger(each) && each >= 300 && each <= 599);
}

/**
 * What an error document says. Vendors and their imitators write `{error: {type, code, message}}`, `{error: "…"}`,
 * `{message}` or `{detail}`; a list in `detail` repeats the request, so only its messages are taken.
 */
function readDocument(document: unknown): Pick<Symptoms, "kind" | "message" | "status" | "document"> {
  if (!isFields(document)) return { kind: "", message: "", status: undefined };
  const response = isFields(document.response) ? document.response : document;
  const inner = isFields(response.error) ? response.error : response;
  const kind = [inner.type, inner.code, inner.status].map(text).concat(reasons(inner.details)).join(" ").toLowerCase();
  const detail = Array.isArray(inner.detail)
    ? inner.detail.map((each) => text(isFields(each) ? each.msg : each)).join("; ")
    : text(inner.detail);
  const message = text(inner.message) || text(inner.error) || detail;
  return { kind: kind.trim().slice(0, longest), message: message.slice(0, longest), status: statusIn(inner), document };
}

function causes(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = thrown; each !== undefined && each !== null && chain.length < 8; ) {
    chain.push(each);
    each = isFields(each) ? each.cause : undefined;
  }
  return chain;
}

/** What the library for Anthropic throws when the very first event can't be read. */
const unreadableStart = "Expected a normalized Anthropic stream error";

function isMalformed(thrown: unknown): boolean {
  return (
    (thrown instanceof Error && thrown.message === unreadableStart) ||
    JSONParseError.isInstance(thrown) ||
    TypeValidationError.isInstance(thrown) ||
    InvalidResponseDataError.isInstance(thrown) ||
    EmptyResponseBodyError.isInstance(thrown) ||
    NoContentGeneratedError.isInstance(thrown) ||
    /^(Z(lib|std)|Brotli)/.test(text(isFields(thrown) ? thrown.code : undefined))
  );
}

/** An error document that stands where the library expected something else: a parse failure carries it. */
function findErrorDocument(chain: readonly unknown[]): Fields | undefined {
  const values = chain.map((each) => (TypeValidationError.isInstance(each) ? each.value : undefined));
  return values.filter(isFields).find((value) => value.type === "error" || (value.error ?? undefined) !== undefined);
}

function isRequestFault(thrown: unknown): boolean {
  return (
    UnsupportedFunctionalityError.isInstance(thrown) ||
    InvalidArgumentError.isInstance(thrown) ||
    InvalidPromptError.isInstance(thrown)
  );
}

function readTransportError({ point, code: kind, message, hint }: TransportError) {
  return { point, kind, message, hint };
}

function readCallError(error: APICallError): Symptoms {
  const chain = causes(error);
  const status = error.statusCode;
  const common = { name: error.name, status, url: error.url, headers: error.responseHeaders };
  const broken = chain.find((each) => each instanceof TransportError);
  // An error's status says what happened, also where its body could not be read.
  if (broken && status !== undefined && status >= 400) return { ...common, point: "answer", kind: "", message: "" };
  if (broken) return { ...common, ...readTransportError(broken) };
  const misplaced = findErrorDocument(chain);
  if (misplaced) return { ...common, ...readStreamError(misplaced) };
  if (chain.some(isMalformed)) return { ...common, point: "format", kind: "", message: "" };
  const systemCode =
    chain.map((each) => text(isFields(each) ? each.code : undefined)).find((code) => code !== "") ?? "";
  if (status === undefined || (status < 300 && systemCode !== "")) {
    const point = status === undefined ? "connection" : "body";
    return { ...common, point, kind: systemCode.toLowerCase(), message: "" };
  }
  const document = readDocument(parse(error.responseBody));
  const point = status < 300 ? "body" : "answer";
  return { ...common, ...document, status, point, message: document.message || error.message };
}

/** An error inside a stream that began well: the AI SDK hands on the provider's document, or makes one like it. */
function readStreamError(thrown: Fields): Omit<Symptoms, "name" | "url"> {
  return { point: "answer", ...readDocument(thrown) };
}

/**
 * Whether a stream ended without an end marker: the library for OpenAI-compatible APIs reports that as an error, which
 * is the only one of its kind without data.
 *
 * @param thrown - The error part of a stream.
 */
export function isMissingEnd(thrown: unknown): boolean {
  return InvalidResponseDataError.isInstance(thrown) && thrown.data === undefined;
}

/**
 * Reads what is known of a failed call out of whatever the AI SDK or fetch threw.
 *
 * @param thrown - An error, or the error part of a stream.
 */
export function readSymptoms(thrown: unknown): Symptoms {
  if (APICallError.isInstance(thrown)) return readCallError(thrown);
  const name = thrown instanceof Error ? thrown.name : "error event";
  const blank = { name, status: undefined, url: undefined, kind: "", message: "" };
  if (isMissingEnd(thrown)) return { ...blank, point: "end" };
  const chain = causes(thrown);
  const broken = chain.find((each) => each instanceof TransportError);
  if (broken) return { ...blank, ...readTransportError(broken) };
  const misplaced = findErrorDocument(chain);
  if (misplaced) return { ...blank, ...readStreamError(misplaced) };
  if (chain.some(isMalformed)) return { ...blank, point: "format" };
  if (isRequestFault(thrown)) return { ...blank, point: "request", message: (thrown as Error).message };
  if (LoadAPIKeyError.isInstance(thrown)) return { ...blank, point: "answer", status: 401 };
  if (thrown instanceof Error) {
    const code = text((thrown as Error & { code?: unknown }).code).toLowerCase();
    return { ...blank, point: code === "" ? "unknown" : "connection", kind: code };
  }
  return isFields(thrown) ? { ...blank, ...readStreamError(thrown) } : { ...blank, point: "unknown" };
}
