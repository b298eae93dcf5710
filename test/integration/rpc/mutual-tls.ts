import { readFileSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { create, fromBinary } from "@bufbuild/protobuf";
import { messageOf } from "../../../src/errors.ts";
import { GetServerInfoResponseSchema } from "../../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { subjectOfClient } from "../../../src/pki/clients/client-subject.ts";
import { type ClientTrust, loadClientTrust } from "../../../src/pki/clients/client-trust.ts";
import { type AuthenticateOptions, authenticate, callerKey } from "../../../src/rpc/authenticate.ts";
import type { Middleware } from "../../../src/rpc/middleware.ts";
import type { RpcServer } from "../../../src/rpc/server.ts";
import type { TlsIdentity, TlsOptions } from "../../../src/rpc/tls.ts";
import { OpensslCa, type OpensslPair } from "../../openssl-ca.ts";
import { getServerInfo, llmService } from "./llm-service.ts";
import { frame, onCleanup, pathOf, serve, startRaw } from "./support.ts";

export const hourMs = 3_600_000;

/** The body of every call: an empty message. */
export const emptyBody = frame(new Uint8Array());

/** The certificates of a test file. */
export function makeCertificates(folder: string) {
  const place = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const withChain = (pair: OpensslPair, name: string, ...issuers: OpensslPair[]): OpensslPair => {
    const cert = [pair, ...issuers].map((each) => each.cert).join("");
    return { ...pair, cert, certFile: place(`${name}-chain.crt`, cert) };
  };
  const root = new OpensslCa(folder, "root");
  const [good, bad] = [new OpensslCa(folder, "good", { issuer: root }), new OpensslCa(folder, "bad", { issuer: root })];
  const other = new OpensslCa(folder, "other");
  const server = root.issue("server", { extensions: ["subjectAltName=DNS:localhost", "extendedKeyUsage=serverAuth"] });
  const past = { notBefore: new Date(Date.now() - 2 * hourMs), notAfter: new Date(Date.now() - hourMs) };
  const clients = {
    alice: root.issue("alice"),
    "without a purpose": root.issue("unbound", { extensions: [] }),
    bob: withChain(good.issue("bob"), "bob", good),
    foreign: other.issue("alice"),
    expired: root.issue("late", past),
    "a server's": root.issue("box", { extensions: ["extendedKeyUsage=serverAuth"] }),
    revoked: root.issue("mallory"),
    "of a revoked CA": withChain(bad.issue("carol"), "carol", bad),
    "without its intermediate": bad.issue("dave"),
    nameless: root.issue("nameless", { subject: "/O=Example" }),
  };
  root.revoke(clients.revoked);
  root.revoke(bad, "CACompromise");
  return { folder, root, good, bad, other, server, clients, place, crlFile: place("root.crl", root.crl()) };
}

export type Certificates = ReturnType<typeof makeCertificates>;

export function identityOf({ cert, key }: OpensslPair): TlsIdentity {
  return { certificateChain: cert, privateKey: key };
}

export interface MutualOptions {
  trust: ClientTrust;
  required: boolean;
  minVersion?: TlsOptions["minVersion"];
  verify?: AuthenticateOptions["verify"];
  /** Beside the one that tells the caller's name. */
  methods?: Parameters<typeof llmService>[0];
}

/** A server that answers with its caller's subject. */
export interface MutualServer {
  server: RpcServer;
  port: number;
  /** Why calls were refused. */
  reasons: string[];
  /** Replaces the CAs. */
  replaceTrust(trust: ClientTrust): void;
  /** What the server takes for now. */
  now: Date;
}

/** Serves with mutual TLS, put together as the server does. */
export async function serveMutual({ server: pair }: Certificates, options: MutualOptions): Promise<MutualServer> {
  const reasons: string[] = [];
  const state = { trust: options.trust, now: new Date() };
  const recordReasons: Middleware = (next) => async (request, context) => {
    try {
      return await next(request, context);
    } catch (error) {
      reasons.push(messageOf(error));
      throw error;
    }
  };
  const authenticating = authenticate({
    ...(options.verify ? { verify: options.verify } : {}),
    certificates: {
      required: options.required,
      subjectOf: ([leaf]) => subjectOfClient(leaf),
      objectionTo: (chain) => state.trust.objectionTo(chain, state.now),
    },
  });
  const service = llmService({
    ...options.methods,
    getServerInfo: async (_request, context) => {
      const caller = context.get(callerKey);
      return create(GetServerInfoResponseSchema, {
        serverName: caller ? `${caller.subject} by ${caller.by}` : "nobody",
      });
    },
  });
  const { server, port } = await serve({
    services: [service],
    middleware: [recordReasons, authenticating],
    tls: {
      identity: identityOf(pair),
      minVersion: options.minVersion,
      clients: { roots: options.trust.roots, required: options.required },
    },
  });
  return Object.assign(state, {
    server,
    port,
    reasons,
    replaceTrust: (trust: ClientTrust) => {
      server.updateTls({ identity: identityOf(pair), clientRoots: trust.roots });
      state.trust = trust;
    },
  });
}

export function loadTrust(caFile: string, crlFile?: string): Promise<ClientTrust> {
  return loadClientTrust({ caFile, crlFile, now: new Date() });
}

/** What became of a call: the caller's name, the gRPC status where it is not OK, or that there was no connection. */
export type CallOutcome = string;

/** Calls as curl does, which is built on OpenSSL and nghttp2. */
export async function curl(
  { folder, root }: Certificates,
  port: number,
  client: OpensslPair | undefined,
  { token, maxVersion = "1.3" }: { token?: string; maxVersion?: "1.2" | "1.3" } = {},
): Promise<CallOutcome> {
  const headerFile = join(folder, `${crypto.randomUUID()}.headers`);
  const command = [
    ...["curl", "--silent", "--http2", "--cacert", root.certFile, "--tls-max", maxVersion, "--max-time", "20"],
    ...(client ? ["--cert", client.certFile, "--key", client.keyFile] : []),
    ...(token === undefined ? [] : ["--header", `authorization: Bearer ${token}`]),
    ...["--header", "content-type: application/grpc", "--header", "te: trailers", "--data-binary", "@-"],
    ...["--dump-header", headerFile, `https://localhost:${port}${pathOf(getServerInfo)}`],
  ];
  const child = Bun.spawn(command, { stdin: emptyBody, stdout: "pipe", stderr: "ignore" });
  const body = await new Response(child.stdout).bytes();
  if ((await child.exited) !== 0) return "no connection";
  const status = /^grpc-status: (\d+)/im.exec(readFileSync(headerFile, "utf8"))?.[1];
  return outcomeOf(status, body);
}

function outcomeOf(status: unknown, body: Uint8Array): CallOutcome {
  if (status === undefined) return "no connection";
  if (status === "16") return "UNAUTHENTICATED";
  if (status !== "0") return `status ${status}`;
  return fromBinary(GetServerInfoResponseSchema, body.subarray(5)).serverName;
}

/** A connection of a client that keeps it. */
export interface KeptConnection {
  socket: TLSSocket;
  session: ClientHttp2Session;
  /** Makes a call; see {@link CallOutcome}. */
  call(): Promise<CallOutcome>;
  /** The TLS session to resume, when the server has given one. */
  ticket: Promise<Buffer>;
  /** When the connection has ended. */
  closed: Promise<void>;
}

/** Connects with node's TLS and HTTP/2. */
export function keepConnection(
  { root }: Certificates,
  port: number,
  client: Partial<OpensslPair>,
  options: ConnectionOptions = {},
): KeptConnection {
  const { cert, key } = client;
  const trusting = { host: "localhost", port, ca: root.cert, ALPNProtocols: ["h2"] };
  const socket = connectTls({ ...trusting, ...(cert && key ? { cert, key } : {}), ...options });
  const session = connectHttp2(`https://localhost:${port}`, { createConnection: () => socket });
  session.on("error", () => session.destroy());
  onCleanup(() => session.destroy());
  return {
    socket,
    session,
    ticket: new Promise((resolve) => socket.once("session", resolve)),
    closed: new Promise((resolve) => session.once("close", resolve)),
    call: () => callOnSession(session),
  };
}

function callOnSession(session: ClientHttp2Session): Promise<CallOutcome> {
  return new Promise((resolve) => {
    if (session.destroyed || session.closed) resolve("no connection");
    const stream = startRaw(session, pathOf(getServerInfo));
    const body: Buffer[] = [];
    let status: unknown;
    const read = (headers: Record<string, unknown>) => {
      status = headers["grpc-status"] ?? status;
    };
    stream.on("response", read);
    stream.on("trailers", read);
    stream.on("data", (chunk: Buffer) => body.push(chunk));
    stream.on("close", () => resolve(outcomeOf(status, Buffer.concat(body))));
    stream.end(emptyBody);
  });
}
