import { APICallError, InvalidResponseDataError } from "@ai-sdk/provider";
import type { ZodType } from "zod";
import { messageOf } from "../errors.ts";

/** A question to a provider that is not a model's call. */
export interface JsonQuestion<T> {
  url: string;
  /** Sent as a bearer token. */
  key: string | undefined;
  /** Sent by POST when there is one. */
  body?: object;
  /** What the answer has to be. */
  schema: ZodType<T>;
  fetch: typeof fetch;
  signal: AbortSignal;
}

/**
 * Asks for a JSON document.
 *
 * @throws APICallError when the answer is an error or no document of that schema, and whatever fetch throws.
 */
export async function askJson<T>({ url, key, body, schema, fetch, signal }: JsonQuestion<T>): Promise<T> {
  const response = await fetch(url, {
    signal,
    headers: {
      accept: "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  const responseBody = await response.text();
  const failure = { url, requestBodyValues: {}, statusCode: response.status, responseBody };
  if (!response.ok) throw new APICallError({ ...failure, message: response.statusText });
  try {
    return schema.parse(JSON.parse(responseBody));
  } catch (error) {
    const cause = new InvalidResponseDataError({ data: null, message: messageOf(error) });
    throw new APICallError({ ...failure, message: "Not the document that was asked for", cause });
  }
}
