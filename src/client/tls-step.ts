import type { Socket } from "node:net";
import { messageOf, systemCodeOf } from "../errors.ts";
import { formatSpan } from "../time.ts";
import { dial } from "./dial.ts";
import { explainSpeech, hearFirstWords, type Speech } from "./first-words.ts";
import { describePeerLines, explainRefusal, warningOf } from "./peer-report.ts";
import type { ServerUrl } from "./server-url.ts";
import { type Finding, StepFailure } from "./step.ts";
import { describePeer, inspectTls, openTls } from "./tls-handshake.ts";
import type { Roots } from "./trust.ts";

/** What a handshake is made with. */
export interface TlsTarget {
  readonly url: ServerUrl;
  /** The IP address that took the connection. */
  readonly address: string;
  readonly roots: Roots;
  readonly now: Date;
}

/** Alerts of a server that misses the client's certificate, or can't agree (RFC 8446, section 6.2). */
const certificateAlerts = new Set(["ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"]);
const versionAlerts = new Set(["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "ERR_SSL_UNSUPPORTED_PROTOCOL"]);

async function explainVersion(target: TlsTarget, signal: AbortSignal, cause: unknown): Promise<StepFailure> {
  const { socket } = await dial([target.address], target.url.port, signal);
  const peer = await inspectTls(socket, { host: target.url.host, roots: target.roots }, signal).catch(() => undefined);
  const spoken = peer === undefined ? "no TLS that is known here" : `no TLS newer than ${peer.version}`;
  return new StepFailure(`the server speaks ${spoken}, and vibectl asks for TLS 1.3`, {
    hint: "Allow TLS 1.3 on the server.",
    cause,
  });
}

/** Tells a server that speaks plain text from one whose TLS is broken. */
async function explainNoTls(target: TlsTarget, signal: AbortSignal, cause: unknown): Promise<StepFailure> {
  const { url, address } = target;
  const { socket } = await dial([address], url.port, signal);
  const speech = await hearFirstWords(socket, signal).catch((): Speech => ({ protocol: "nothing" }));
  socket.destroy();
  if (speech.protocol === "http/2") {
    return new StepFailure("the server speaks plain text, not TLS", {
      hint: `Use vibectl-server-insecure://${url.authority}, or start the server with --tls or --generate-certs.`,
      cause,
    });
  }
  if (speech.protocol !== "tls" && speech.protocol !== "nothing") return explainSpeech(speech);
  const code = systemCodeOf(cause);
  const reason = code === "ECONNRESET" ? "the server closed the connection" : (code ?? messageOf(cause));
  return new StepFailure(`the TLS handshake failed: ${reason}`, {
    hint: "If the server demands client certificates, show one that it knows (--client-cert, --client-key); else look into the server's log.",
    cause,
  });
}

async function explain(target: TlsTarget, signal: AbortSignal, cause: unknown): Promise<unknown> {
  if (signal.aborted) return signal.reason;
  const code = systemCodeOf(cause) ?? "";
  if (certificateAlerts.has(code)) {
    return new StepFailure("the server demands a client certificate", {
      hint: "Show one with --client-cert and --client-key. vibectl itself has none to show: for its users, let the server take callers without one (--client-auth request), and authenticate them by token.",
      cause,
    });
  }
  if (versionAlerts.has(code)) return explainVersion(target, signal, cause);
  const { socket } = await dial([target.address], target.url.port, signal);
  const handshake = { host: target.url.host, roots: target.roots };
  const peer = await inspectTls(socket, handshake, signal).catch(() => undefined);
  const refusal = peer && explainRefusal(peer, handshake, target.now);
  return refusal ?? explainNoTls(target, signal, cause);
}

/**
 * Shakes hands, verifies the server, and hears whether it speaks HTTP/2 through TLS. What a refused handshake meant is
 * found out on another connection, which carries nothing.
 *
 * @param socket - Connected; closed afterwards.
 * @throws StepFailure that says what is wrong; the signal's reason.
 */
export async function tlsStep(socket: Socket, target: TlsTarget, signal: AbortSignal): Promise<Finding<void>> {
  const { url, roots, now } = target;
  try {
    const secured = await openTls(socket, { host: url.host, roots }, signal);
    const peer = describePeer(secured);
    // Only after the first bytes is it known that a server with TLS 1.3 does without a client certificate.
    const speech = await hearFirstWords(secured, signal);
    const details = [...describePeerLines(peer, now), `Trusted by ${roots.source}`];
    if (speech.protocol !== "http/2") throw explainSpeech(speech, " through TLS");
    if (peer.alpn !== "h2") {
      throw new StepFailure("the server agrees to no protocol by ALPN, and gRPC clients insist on h2", {
        hint: "Let the server, or the proxy before it, offer h2 in ALPN.",
        details,
      });
    }
    const warning = warningOf(peer, now);
    if (warning) return { outcome: "warning", ...warning, details, value: undefined };
    const left = formatSpan(peer.leaf.validToDate.getTime() - now.getTime());
    const summary = `${peer.version}, the certificate is trusted, covers ${url.host} and is valid for ${left}`;
    return { outcome: "ok", summary, details, value: undefined };
  } catch (cause) {
    throw cause instanceof StepFailure ? cause : await explain(target, signal, cause);
  } finally {
    socket.destroy();
  }
}
