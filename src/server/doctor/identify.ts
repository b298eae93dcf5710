import { type ClientHttp2Session, connect } from "node:http2";
import { fromBinary } from "@bufbuild/protobuf";
import { GetServerInfoResponseSchema, VibectlLLMProxy } from "../../gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { visibleText } from "../../observe/visible-text.ts";

/** What answers on a port. */
export type Peer =
  /** It said so. */
  | { kind: "vibectl-server"; version: string }
  /** A gRPC server that wants a token first, as a vibectl-server with authentication does. */
  | { kind: "guarded" }
  /** It speaks TLS, and wants a client's certificate first. */
  | { kind: "reserved" }
  /** It takes connections, and says nothing. */
  | { kind: "silent" }
  | { kind: "other" };

/** Where to ask. */
export interface PeerAddress {
  /** An address that can be dialled; an IPv6 one without brackets. */
  host: string;
  port: number;
  tls: boolean;
}

const timeoutMs = 3000;

/** A compression flag and the length of the message (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const prefixBytes = 5;

const longestAnswer = 4 * 1024 * 1024;
const unauthenticated = "16";
const method = VibectlLLMProxy.method.getServerInfo;

function versionIn(message: Buffer): string {
  try {
    const { buildVersion, serverVersion } = fromBinary(GetServerInfoResponseSchema, message.subarray(prefixBytes));
    return visibleText((buildVersion || serverVersion).slice(0, 64));
  } catch (error) {
    if (error instanceof Error) return "";
    throw error;
  }
}

/** Makes the call with an empty message and no token, and resolves to the status and what was answered. */
function ask(session: ClientHttp2Session): Promise<{ status: string | undefined; message: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = session.request({
      ":method": "POST",
      ":path": `/${VibectlLLMProxy.typeName}/${method.name}`,
      "content-type": "application/grpc",
      te: "trailers",
    });
    let status: string | undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    const look = (headers: Readonly<Record<string, unknown>>) => {
      const value = headers["grpc-status"];
      if (typeof value === "string") status = value;
    };
    session.once("error", reject);
    call.on("response", look);
    call.on("trailers", look);
    call.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) call.close();
      else chunks.push(chunk);
    });
    call.once("error", reject);
    call.once("close", () => resolve({ status, message: Buffer.concat(chunks) }));
    call.end(Buffer.alloc(prefixBytes));
  });
}

/**
 * Asks whatever listens on a port of this machine whether it is a vibectl-server. It is sent nothing that could be secret, so
 * that its certificate is not verified.
 */
export async function identifyPeer({ host, port, tls }: PeerAddress): Promise<Peer> {
  const authority = host.includes(":") ? `[${host}]` : host;
  const session = connect(`${tls ? "https" : "http"}://${authority}:${port}`, { rejectUnauthorized: false });
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, timeoutMs);
  try {
    const answer = await Promise.race([ask(session), late]);
    if (!answer) return { kind: "silent" };
    if (answer.status === unauthenticated) return { kind: "guarded" };
    if (answer.status !== "0") return { kind: "other" };
    return { kind: "vibectl-server", version: versionIn(answer.message) };
  } catch (error) {
    const wantsCertificate = error instanceof Error && /CERTIFICATE_REQUIRED/i.test(error.message);
    return { kind: wantsCertificate ? "reserved" : "other" };
  } finally {
    clearTimeout(timer);
    // What is said about a connection that is given up is of no interest.
    session.on("error", () => undefined);
    session.destroy();
  }
}
