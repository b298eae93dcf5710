import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { anthropic, compatible, google, openai, type Wire } from "../../integration/providers/wires.ts";

/** A provider that fails in the way that a prompt asks for, and repeats all that it was sent wherever it can. */
export interface HostileUpstream {
  url: string;
  /** What it was sent, and has repeated. */
  heard: readonly string[];
  close(): void;
}

/** What a request said, for its answer to repeat. */
interface Exchange {
  wire: Wire;
  response: ServerResponse;
  /** Headers and body as they were sent. */
  echo: string;
}

function wireOf(url: string): Wire {
  if (url.includes("/messages")) return anthropic;
  if (url.includes("/responses")) return openai;
  return url.includes("/v1beta/") ? google : compatible;
}

function send(
  { response }: Exchange,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(body);
}

const vendorError =
  (status: number) =>
  (exchange: Exchange): void =>
    send(exchange, status, "application/json", JSON.stringify(exchange.wire.error(`You sent this: ${exchange.echo}`)));

function stream({ wire, response }: Exchange, ...events: string[]): ServerResponse {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write([...wire.opening, wire.text("Well"), ...events].join(""));
  return response;
}

/** The event by which a vendor ends a stream with an error. */
function errorEvent({ wire, echo }: Exchange): string {
  const flat = { type: "error", sequence_number: 9, code: "bad", message: echo, param: null };
  return `event: error\ndata: ${JSON.stringify(wire.type === "openai" ? flat : wire.error(echo))}\n\n`;
}

const statuses = [400, 401, 403, 404, 413, 422, 429, 500, 503, 529];

/** Every way to fail, by the name under which a prompt asks for it. */
const failures: Readonly<Record<string, (exchange: Exchange) => void>> = {
  ...Object.fromEntries(statuses.map((status) => [`status-${status}`, vendorError(status)])),
  "error-with-200": vendorError(200),
  html: (exchange) => send(exchange, 502, "text/html", `<html><h1>Bad gateway</h1><pre>${exchange.echo}</pre></html>`),
  plain: (exchange) => send(exchange, 500, "text/plain", exchange.echo),
  detail: (exchange) =>
    send(exchange, 422, "application/json", JSON.stringify({ detail: [{ msg: exchange.echo, input: exchange.echo }] })),
  redirect: (exchange) =>
    send(exchange, 302, "text/plain", "", { location: `http://127.0.0.1:9/?${encodeURIComponent(exchange.echo)}` }),
  malformed: (exchange) => send(exchange, 200, "application/json", `{"oops": ${JSON.stringify(exchange.echo)}`),
  shapeless: (exchange) =>
    send(exchange, 200, "application/json", JSON.stringify({ oops: exchange.echo, choices: exchange.echo })),
  reset: ({ response }) => void response.socket?.resetAndDestroy(),
  "reset-within": (exchange) => {
    exchange.response.writeHead(200, { "content-type": "application/json", "content-length": 100_000 });
    exchange.response.write(`{"oops": ${JSON.stringify(exchange.echo)}`, () =>
      exchange.response.socket?.resetAndDestroy(),
    );
  },
  "error-in-stream": (exchange) => void stream(exchange, errorEvent(exchange)).end(),
  "malformed-stream": (exchange) => void stream(exchange, `data: {"oops": ${JSON.stringify(exchange.echo)}\n\n`).end(),
  "cut-stream": (exchange) => {
    const response = stream(exchange);
    response.write(": a comment\n\n", () => response.socket?.resetAndDestroy());
  },
  "unfinished-stream": (exchange) => void stream(exchange).end(),
  silence: () => undefined,
};

/** The names of all ways to fail but silence, which only the caller ends. */
export const failureNames = Object.keys(failures).filter((name) => name !== "silence");

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { answerText, heard }: { answerText: string; heard: string[] },
): Promise<void> {
  const body = await text(request);
  const wire = wireOf(request.url ?? "");
  const headers = request.rawHeaders.map((word, index) => (index % 2 === 0 ? `${word}: ` : `${word}, `)).join("");
  const exchange = { wire, response, echo: `${request.url}, ${headers}; ${body}` };
  heard.push(exchange.echo);
  // Nobody asks for the list of models but with a key.
  const name = request.method === "GET" ? "status-401" : (/fail:([\w-]+)/.exec(body)?.[1] ?? "");
  const fail = failures[name];
  if (fail) fail(exchange);
  else send(exchange, 200, "application/json", JSON.stringify(wire.whole(answerText)));
}

/**
 * Starts it on a free port.
 *
 * @param answers - What it answers, in turn, when it is not asked to fail.
 */
export async function startHostileUpstream(answers: readonly string[]): Promise<HostileUpstream> {
  const heard: string[] = [];
  let count = 0;
  const server = createServer((request, response) => {
    const answerText = answers[count++ % answers.length] ?? "";
    // A caller may be gone before all was read.
    answer(request, response, { answerText, heard }).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
