import type { Socket } from "node:net";
import { printable } from "./display-text.ts";
import { StepFailure } from "./step.ts";

/** What speaks at the other end of a connection. */
export type Speech =
  | { readonly protocol: "http/2" | "http/1" | "tls" | "nothing" }
  | { readonly protocol: "other"; readonly greeting: string };

/** The client's connection preface with an empty SETTINGS frame (RFC 9113, section 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "latin1");

/** Length, type, flags and stream of a frame, in bytes (RFC 9113, section 4.1). */
const frameHeaderBytes = 9;

const settingsFrame = 4;
const goAwayFrame = 7;

/** Tells a protocol by its first bytes. */
export function recognise(bytes: Buffer): Speech {
  if (bytes.length === 0) return { protocol: "nothing" };
  const onConnection = bytes.length >= frameHeaderBytes && bytes.readUInt32BE(5) === 0;
  if (onConnection && (bytes[3] === settingsFrame || bytes[3] === goAwayFrame)) return { protocol: "http/2" };
  // An alert or a handshake message in a record (RFC 8446, section 5.1).
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return { protocol: "tls" };
  const text = bytes.toString("latin1");
  // Some servers answer the preface with the page alone, as HTTP/0.9 had it.
  if (/^HTTP\/\d|^<(!doctype|html)/i.test(text)) return { protocol: "http/1" };
  return { protocol: "other", greeting: printable(text.split(/[\r\n]/)[0] ?? "", 60) };
}

/**
 * Greets the other end as an HTTP/2 client does, and hears what comes back. The connection is of no use afterwards.
 *
 * @param socket - A connection, plain or encrypted, on which nothing was sent yet.
 * @throws What breaks the connection before anything came; the signal's reason.
 */
export function hearFirstWords(socket: Socket, signal: AbortSignal): Promise<Speech> {
  return new Promise((resolve, reject) => {
    let heard = Buffer.alloc(0);
    const finish = () => resolve(recognise(heard));
    socket.on("data", (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      if (heard.length >= frameHeaderBytes) finish();
    });
    socket.once("close", finish);
    socket.once("error", (error) => (heard.length > 0 ? finish() : reject(error)));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    socket.write(preface);
  });
}

/**
 * Says what speaks on a port that should hold a gRPC server and does not.
 *
 * @param how - Such as ` through TLS`; nothing for plain text.
 */
export function explainSpeech(speech: Speech, how = ""): StepFailure {
  const summaries: Record<Speech["protocol"], string> = {
    "http/2": `the server speaks HTTP/2${how}`,
    "http/1": `the server speaks HTTP/1.1${how}, and gRPC needs HTTP/2`,
    tls: `the server speaks TLS${how}`,
    nothing: "the server closed the connection without a word",
    other: `the server speaks something else than HTTP${how}`,
  };
  const greeting = speech.protocol === "other" && speech.greeting !== "" ? [`It said: ${speech.greeting}`] : [];
  return new StepFailure(summaries[speech.protocol], {
    details: greeting,
    hint: "Check host and port: a vibectl-server listens on port 50051 unless told otherwise.",
  });
}
