/** A request that reached the upstream. */
export interface Received {
  path: string;
  headers: Headers;
  body: { messages: Array<{ role: string; content: unknown }>; stream?: boolean; model: string };
}

/** An answer of the upstream: a text, or a whole HTTP response. */
export type Scripted = string | { text: string; finish: string } | Response;

/** An HTTP server in place of a paid API: it speaks Chat Completions and answers by script, in order. */
export interface Upstream {
  baseUrl: string;
  received: Received[];
  answers: Scripted[];
  stop(): Promise<void>;
}

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const common = { id: "c1", created: 1, model: "tiny" };

function whole(text: string, finish: string): Response {
  const message = { role: "assistant", content: text };
  return Response.json({
    ...common,
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: finish }],
    usage,
  });
}

function streamed(text: string, finish: string): Response {
  const object = "chat.completion.chunk";
  const deltas = text.match(/\S+\s*/g) ?? [];
  const events: unknown[] = [
    ...deltas.map((content) => ({
      ...common,
      object,
      choices: [{ index: 0, delta: { content }, finish_reason: null }],
    })),
    { ...common, object, choices: [{ index: 0, delta: {}, finish_reason: finish }] },
    { ...common, object, choices: [], usage },
  ];
  const body = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("")}data: [DONE]\n\n`;
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Starts an upstream on a free port. */
export function startUpstream(): Upstream {
  const received: Received[] = [];
  const answers: Scripted[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = (await request.json()) as Received["body"];
      received.push({ path: new URL(request.url).pathname, headers: request.headers, body });
      const answer = answers.shift() ?? "nothing was scripted";
      if (answer instanceof Response) return answer;
      const { text, finish } = typeof answer === "string" ? { text: answer, finish: "stop" } : answer;
      return body.stream ? streamed(text, finish) : whole(text, finish);
    },
  });
  return { baseUrl: `http://127.0.0.1:${server.port}/v1`, received, answers, stop: () => server.stop(true) };
}
