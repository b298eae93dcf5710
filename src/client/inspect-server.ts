import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { checkServerIdentity } from "node:tls";
import { CheckError, messageOf, systemCodeOf } from "../errors.ts";
import { StepTimeout, within } from "./deadline.ts";
import { dial } from "./dial.ts";
import { hearFirstWords, type Speech } from "./first-words.ts";
import { nameStep } from "./name-step.ts";
import { explainRefusal } from "./peer-report.ts";
import type { ServerUrl } from "./server-url.ts";
import { lookAtCertificates, type Showing } from "./shown-certificates.ts";
import { StepFailure } from "./step.ts";
import { tcpStep } from "./tcp-step.ts";
import type { Roots } from "./trust.ts";

/** Whether a client would take a server's certificate. */
export interface Verdict {
  /** Whether it leads to one of the roots, is in its dates, and covers the host; undefined when that can't be told. */
  readonly verified: boolean | undefined;
  /** Where the roots came from. */
  readonly roots: string;
  /** Whether it is valid for the host that was dialled. */
  readonly coversHost: boolean;
  /** Why it is not verified, what weighs most first. */
  readonly reasons: readonly string[];
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** What a server showed in its handshake. */
export interface ServerInspection {
  /** The host with its port. */
  readonly authority: string;
  readonly host: string;
  /** The IP address that took the connection. */
  readonly address: string;
  /** Such as `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** What was agreed by ALPN, of `h2` and `http/1.1`; undefined when nothing was. */
  readonly alpn: string | undefined;
  /** In DER, as the server sent them: its own first. */
  readonly certificates: readonly Uint8Array[];
  readonly verdict: Verdict;
}

/** What a server is looked at with. */
export interface InspectServerOptions {
  /** Who may vouch for it. */
  readonly roots: Roots;
  /** How long all of it may take, in milliseconds; 10 s unless given. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly now: Date;
}

function covers(host: string, leaf: X509Certificate): boolean {
  return checkServerIdentity(host, leaf.toLegacyObject()) === undefined;
}

function judge({ host }: ServerUrl, { peer, ended }: Showing, { roots, now }: InspectServerOptions): Verdict {
  const common = { roots: roots.source, coversHost: covers(host, peer.leaf) };
  if (ended) {
    const code = systemCodeOf(ended) ?? messageOf(ended);
    // An alert is the server's; all else is what the library here minds.
    if (!code.includes("ALERT"))
      return { ...common, verified: false, reasons: [`it is refused: ${code}`], hint: undefined };
    const reasons = [`the server ended the handshake before it could be verified (${code})`];
    return { ...common, verified: undefined, reasons, hint: "The server may demand a client certificate." };
  }
  const refusal = explainRefusal(peer, { host, roots }, now);
  if (!refusal) return { ...common, verified: true, reasons: [], hint: undefined };
  const others = refusal.details.filter((line) => line.startsWith("Also: ")).map((line) => line.slice("Also: ".length));
  return { ...common, verified: false, reasons: [refusal.message, ...others], hint: refusal.hint };
}

const spoken: Record<Speech["protocol"], string> = {
  "http/2": "speaks HTTP/2 in plain text, not TLS",
  "http/1": "speaks HTTP/1.1 in plain text, not TLS",
  other: "speaks something else than TLS",
  tls: "broke off the TLS handshake",
  nothing: "broke off the TLS handshake",
};

interface Place {
  readonly host: string;
  readonly port: number;
  /** The IP address that took the connection. */
  readonly address: string;
}

/** What speaks there, from another connection. */
async function hear({ address, port }: Place, signal: AbortSignal): Promise<Speech> {
  try {
    const { socket } = await dial([address], port, signal);
    return await hearFirstWords(socket, signal).finally(() => socket.destroy());
  } catch {
    signal.throwIfAborted();
    return { protocol: "nothing" };
  }
}

/** Says what is there in place of a server that shows certificates. */
async function explainSilence(place: Place, signal: AbortSignal, cause: unknown): Promise<StepFailure> {
  const speech = await hear(place, signal);
  const greeting = speech.protocol === "other" && speech.greeting !== "" ? [`it said: ${speech.greeting}`] : [];
  const broken = speech.protocol === "tls" || speech.protocol === "nothing";
  return new StepFailure(`it ${spoken[speech.protocol]}`, {
    details: broken ? [systemCodeOf(cause) ?? messageOf(cause)] : greeting,
    hint: broken
      ? "Check host and port, or look into the server's log."
      : "There is no certificate to look at. Check host and port, or turn on TLS there.",
    cause,
  });
}

/** Shakes hands twice. */
async function shake(socket: Socket, { host, port, address }: Place, roots: Roots, signal: AbortSignal) {
  const verifying = await lookAtCertificates(socket, host, roots.certificates, signal);
  // The runtime added the root that it found. With a leaf for a root it finds none, and shows what was sent.
  const again = await dial([address], port, signal);
  const { chain } = await lookAtCertificates(again.socket, host, [verifying.peer.leaf.toString()], signal);
  return { verifying, chain };
}

async function look(url: ServerUrl, options: InspectServerOptions, signal: AbortSignal): Promise<ServerInspection> {
  const { host, port, authority } = url;
  const addresses = await nameStep(host);
  const { socket, address } = (await tcpStep(addresses.value, port, signal)).value;
  const place = { host, port, address };
  const { verifying, chain } = await shake(socket, place, options.roots, signal).catch(async (cause) => {
    signal.throwIfAborted();
    throw await explainSilence(place, signal, cause);
  });
  const { version, cipher, alpn } = verifying.peer;
  return {
    ...{ authority, host, address, version, cipher, alpn },
    certificates: chain.map(({ raw }) => raw),
    verdict: judge(url, verifying, options),
  };
}

/**
 * Looks at the certificates that a server shows, whatever they are. It makes two handshakes, one to verify and one to see
 * what was sent, and sends nothing through them. Only what breaks them off is greeted in plain HTTP/2, to tell what it is.
 *
 * @param url - As {@link parseServerUrl} reads it; a token in it is not used.
 * @throws CheckError that says at which step it failed, and why; the signal's reason.
 */
export async function inspectServer(url: ServerUrl, options: InspectServerOptions): Promise<ServerInspection> {
  const { timeoutMs = 10_000, signal: parent } = options;
  try {
    return await within(timeoutMs, parent, (signal) => look(url, options, signal));
  } catch (cause) {
    if (cause instanceof StepTimeout) {
      throw new CheckError(`${url.authority}: ${cause.message}`, {
        hint: "Check host and port: a firewall may swallow the packets, or what listens there says nothing.",
        cause,
      });
    }
    if (!(cause instanceof StepFailure)) throw cause;
    const details = cause.details.length > 0 ? ` (${cause.details.join("; ")})` : "";
    throw new CheckError(`${url.authority}: ${cause.message}${details}`, { hint: cause.hint, cause });
  }
}
