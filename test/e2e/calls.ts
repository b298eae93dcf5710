import {
  create,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import {
  type ExecuteResponse,
  type GetServerInfoResponse,
  VibectlLLMProxy,
} from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";

/** What a call came to: a reply, or the status that it failed with. */
export type CallOutcome<Reply> = { reply: Reply; code: 0 } | { reply: undefined; code: number; details: string };

/** A caller of a server in plain text, with or without a token. */
export interface Caller {
  execute(model: string, text?: string): Promise<CallOutcome<ExecuteResponse>>;
  serverInfo(): Promise<CallOutcome<GetServerInfoResponse>>;
  close(): void;
}

function call<M extends DescMethodUnary>(
  client: Client,
  method: M,
  request: MessageInitShape<M["input"]>,
  token: string | undefined,
): Promise<CallOutcome<MessageShape<M["output"]>>> {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      `/${VibectlLLMProxy.typeName}/${method.name}`,
      (message: MessageShape<M["input"]>) => Buffer.from(toBinary(method.input, message)),
      (bytes: Buffer) => fromBinary<M["output"]>(method.output, bytes),
      create<M["input"]>(method.input, request),
      metadata,
      (error: ServiceError | null, reply?: MessageShape<M["output"]>) => {
        if (reply === undefined || error) {
          resolve({ reply: undefined, code: error?.code ?? 2, details: error?.details ?? "" });
        } else resolve({ reply, code: 0 });
      },
    );
  });
}

/** Connects to a server on this machine. */
export function connect(port: number, token?: string): Caller {
  const client = new Client(`localhost:${port}`, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  const { execute, getServerInfo } = VibectlLLMProxy.method;
  return {
    execute: (modelName, text = "hello") => call(client, execute, { modelName, userFragments: [text] }, token),
    serverInfo: () => call(client, getServerInfo, {}, token),
    close: () => client.close(),
  };
}

/** The text of an answer, or the error code in it, or the call's status. */
export function textOf({ reply, code }: CallOutcome<ExecuteResponse>): string {
  if (reply === undefined) return `status ${code}`;
  const { result } = reply;
  if (result.case === "success") return result.value.responseText;
  return result.case === "error" ? result.value.errorCode : "nothing";
}

/**
 * Waits until something is so, asking again and again.
 *
 * @param what - What is waited for, for the message.
 */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`it did not come to be that ${what}`);
    await Bun.sleep(20);
  }
}
