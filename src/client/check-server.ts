import { authenticationStep } from "./authentication-step.ts";
import { Channel } from "./channel.ts";
import { StepTimeout, within } from "./deadline.ts";
import type { Dialed } from "./dial.ts";
import { modelsStep } from "./models-step.ts";
import { nameStep } from "./name-step.ts";
import { plainTextStep } from "./plain-text-step.ts";
import { type Prompt, promptStep } from "./prompt-step.ts";
import { serverInfoStep } from "./server-info-step.ts";
import type { ServerUrl } from "./server-url.ts";
import { type CheckEvent, type Finding, StepFailure, type StepName, stepNames } from "./step.ts";
import { tcpStep } from "./tcp-step.ts";
import { tlsStep } from "./tls-step.ts";
import type { Token } from "./token.ts";
import { type Roots, systemRoots } from "./trust.ts";

/** What a check is made with. */
export interface CheckOptions {
  /** Who may vouch for the server; the system's store when undefined. Of no use to a plain-text URL. */
  readonly roots?: Roots | undefined;
  /** The token that calls carry. */
  readonly token?: Token | undefined;
  /** Asked at the end; without it that step is left out. */
  readonly prompt?: Prompt | undefined;
  /** How long each step may take, in milliseconds; 10 s unless given. */
  readonly timeoutMs?: number | undefined;
  /** How long the prompt's answer may take, in milliseconds; 60 s unless given, as vibectl gives it. */
  readonly promptTimeoutMs?: number | undefined;
  /** Ends the check early. */
  readonly signal?: AbortSignal | undefined;
  /** Tells the time, for certificates and tokens. */
  readonly now?: (() => Date) | undefined;
}

const timeoutHints: Readonly<Record<StepName, string>> = {
  name: "Check this machine's DNS.",
  tcp: "A firewall may swallow the packets, or the host is down.",
  tls: "Something takes connections there and says nothing: check host and port, or whether the server is stuck.",
  authentication: "The server is overloaded or stuck: look into its log, or give it more time.",
  "server-info": "The server is overloaded or stuck: look into its log, or give it more time.",
  models: "The server is overloaded or stuck: look into its log, or give it more time.",
  prompt: "The model is slow: give it more time, or try another.",
};

function failed(step: StepName, error: unknown): CheckEvent {
  if (error instanceof StepFailure) {
    const { message, details, hint } = error;
    return { kind: "result", step, outcome: "failed", summary: message, details, hint };
  }
  if (error instanceof StepTimeout) {
    const hint = timeoutHints[step];
    return { kind: "result", step, outcome: "failed", summary: error.message, details: [], hint };
  }
  throw error;
}

function succeeded<T>(step: StepName, { value: _, ...rest }: Finding<T>): CheckEvent {
  return { kind: "result", step, ...rest };
}

/** Runs a step and yields its result. Returns what it found; undefined when it failed. */
async function* attempt<T>(
  step: StepName,
  limitMs: number,
  parent: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<Finding<T>>,
): AsyncGenerator<CheckEvent, Finding<T> | undefined> {
  let finding: Finding<T>;
  try {
    finding = await within(limitMs, parent, run);
  } catch (error) {
    parent?.throwIfAborted();
    yield failed(step, error);
    return undefined;
  }
  yield succeeded(step, finding);
  return finding;
}

async function* attemptPrompt(
  channel: Channel,
  prompt: Prompt,
  options: CheckOptions,
): AsyncGenerator<CheckEvent, void> {
  const { signal, promptTimeoutMs: timeoutMs = 60_000 } = options;
  signal?.throwIfAborted();
  try {
    for await (const piece of promptStep(channel, prompt, { timeoutMs, signal })) {
      yield typeof piece === "string" ? { kind: "text", text: piece } : succeeded("prompt", piece);
    }
  } catch (error) {
    signal?.throwIfAborted();
    yield failed("prompt", error);
  }
}

async function* runCalls(channel: Channel, options: CheckOptions): AsyncGenerator<CheckEvent, void> {
  const { token, prompt, signal: parent, timeoutMs = 10_000, now = () => new Date() } = options;
  const first = yield* attempt("authentication", timeoutMs, parent, (signal) =>
    authenticationStep(channel, token, { timeoutMs, signal }, now()),
  );
  if (!first) return;
  const server = yield* attempt("server-info", timeoutMs, parent, async () => serverInfoStep(first.value));
  if (!server) return;
  const models = yield* attempt("models", timeoutMs, parent, async () => modelsStep(server.value));
  if (models && prompt) yield* attemptPrompt(channel, prompt, options);
}

async function* runSteps(url: ServerUrl, options: CheckOptions): AsyncGenerator<CheckEvent, void> {
  const { token, signal: parent, timeoutMs = 10_000, now = () => new Date() } = options;
  const name = yield* attempt("name", timeoutMs, parent, () => nameStep(url.host));
  if (!name) return;
  let dialed: Dialed | undefined;
  let channel: Channel | undefined;
  try {
    const tcp = yield* attempt("tcp", timeoutMs, parent, async (signal) => {
      const finding = await tcpStep(name.value, url.port, signal);
      dialed = finding.value;
      return finding;
    });
    if (!tcp) return;
    const { socket, address } = tcp.value;
    const roots = url.tls ? (options.roots ?? systemRoots()) : undefined;
    const spoken = yield* attempt("tls", timeoutMs, parent, (signal) =>
      roots
        ? tlsStep(socket, { url, address, roots, now: now() }, signal)
        : plainTextStep(socket, { url, address }, signal),
    );
    if (!spoken) return;
    channel = new Channel({ url, address, roots, token: token?.value });
    yield* runCalls(channel, options);
  } finally {
    dialed?.socket.destroy();
    channel?.close();
  }
}

/**
 * Looks at a server from the client's side, step by step: name, TCP, TLS, authentication, server info, models, and with
 * a prompt its answer. After a step that fails, the later ones are reported as skipped. All connections are closed when
 * the iteration ends, also when its reader leaves early.
 *
 * @param url - As {@link parseServerUrl} reads it. A token in it counts only when it is also in the options.
 * @throws The signal's reason.
 */
export async function* checkServer(url: ServerUrl, options: CheckOptions = {}): AsyncGenerator<CheckEvent, void> {
  const reported = new Set<StepName>();
  let reason = "";
  for await (const event of runSteps(url, options)) {
    if (event.kind === "result") {
      reported.add(event.step);
      if (event.outcome === "failed") reason = `not tried, since ${event.step} failed`;
    }
    yield event;
  }
  const wanted = stepNames.filter((step) => step !== "prompt" || options.prompt !== undefined);
  for (const step of wanted) {
    if (!reported.has(step)) yield { kind: "result", step, outcome: "skipped", summary: reason, details: [] };
  }
}
