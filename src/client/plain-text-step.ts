import type { Socket } from "node:net";
import { dial } from "./dial.ts";
import { explainSpeech, hearFirstWords, type Speech } from "./first-words.ts";
import type { ServerUrl } from "./server-url.ts";
import { type Finding, StepFailure } from "./step.ts";
import { speaksTls } from "./tls-handshake.ts";

/** Where plain text is spoken. */
export interface PlainTextTarget {
  readonly url: ServerUrl;
  /** The IP address that took the connection. */
  readonly address: string;
}

/** Whether what is sent to an address stays on this machine (RFC 6890, section 2.2.2). */
function isLocal(address: string): boolean {
  return /^(127\..*|0\.0\.0\.0|::1?)$/.test(address);
}

async function explain(speech: Speech, { url, address }: PlainTextTarget, signal: AbortSignal): Promise<StepFailure> {
  // Asked whatever was said: servers answer plain text on a TLS port with an alert, with HTTP/1.1, or not at all.
  const { socket } = await dial([address], url.port, signal);
  if (!(await speaksTls(socket, url.host, signal))) return explainSpeech(speech);
  return new StepFailure("the server speaks TLS, and the URL says plain text", {
    hint: `Use vibectl-server://${url.authority}, with the server's CA bundle where its CA is a private one.`,
  });
}

/**
 * Hears whether the server speaks HTTP/2 without TLS, as the URL says.
 *
 * @param socket - Connected; closed afterwards.
 * @throws StepFailure that says what speaks there instead; the signal's reason.
 */
export async function plainTextStep(
  socket: Socket,
  target: PlainTextTarget,
  signal: AbortSignal,
): Promise<Finding<void>> {
  try {
    const speech = await hearFirstWords(socket, signal).catch((error): Speech => {
      if (signal.aborted) throw error;
      return { protocol: "nothing" };
    });
    if (speech.protocol !== "http/2") throw await explain(speech, target, signal);
  } finally {
    socket.destroy();
  }
  const found = { details: [], value: undefined };
  if (isLocal(target.address)) return { ...found, outcome: "ok", summary: "plain text, as the URL says" };
  return {
    ...found,
    outcome: "warning",
    summary: "plain text, as the URL says: tokens and prompts can be read on their way",
    hint: `Start the server with --tls, and use vibectl-server://${target.url.authority}.`,
  };
}
