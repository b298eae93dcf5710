import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ChannelCredentials, Client } from "@grpc/grpc-js";
import {
  type ExecuteRequest,
  ExecuteRequestSchema,
  type ExecuteResponse,
  ExecuteResponseSchema,
} from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { streamExecute } from "./stream-client.ts";

/** What a load has come to. */
export interface LoadResult {
  unary: number;
  streams: number;
  /** Calls on connections that were opened for them. */
  fresh: number;
  /** Why calls failed. */
  failures: string[];
}

/** A load that goes on until it is stopped. */
export interface SteadyLoad {
  result: LoadResult;
  stop(): Promise<LoadResult>;
}

const words = "one two three four five six seven eight nine ten";

function connect(port: number, credentials: ChannelCredentials): Client {
  return new Client(`localhost:${port}`, credentials, { "grpc.use_local_subchannel_pool": 1 });
}

function execute(client: Client): Promise<ExecuteResponse> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      "/vibectl.llm_proxy.VibectlLLMProxy/Execute",
      (message: ExecuteRequest) => Buffer.from(toBinary(ExecuteRequestSchema, message)),
      (bytes: Buffer) => fromBinary(ExecuteResponseSchema, bytes),
      create(ExecuteRequestSchema, { userFragments: [words], modelName: "echo" }),
      (error, response) => (error || !response ? reject(error) : resolve(response)),
    );
  });
}

async function callOnce(client: Client): Promise<void> {
  const { result } = await execute(client);
  if (result.case !== "success" || result.value.responseText !== words) throw new Error("the answer is not whole");
}

async function streamOnce(client: Client): Promise<void> {
  let text = "";
  let complete = false;
  for await (const { chunkType } of streamExecute(client, { userFragments: [words], modelName: "echo" })) {
    if (chunkType.case === "textChunk") text += chunkType.value;
    if (chunkType.case === "finalMetrics") complete = true;
  }
  if (text !== words || !complete) throw new Error(`the stream is not whole: ${JSON.stringify(text)}`);
}

/**
 * Calls a server again and again: unary and streamed, on connections that stay open and on new ones.
 *
 * @param workers - How many of each kind are at it at the same time.
 */
export function startLoad(port: number, credentials: ChannelCredentials, workers: number): SteadyLoad {
  const result: LoadResult = { unary: 0, streams: 0, fresh: 0, failures: [] };
  let stopped = false;
  const repeat = async (count: "unary" | "streams" | "fresh", call: () => Promise<void>) => {
    while (!stopped) {
      try {
        await call();
        result[count] += 1;
      } catch (error) {
        result.failures.push(`${count}: ${error instanceof Error ? error.message : error}`);
      }
      // As fast as it goes would leave nothing of a small machine for the server.
      await Bun.sleep(10);
    }
  };
  const kept: Client[] = [];
  const loops = Array.from({ length: workers }, () => {
    const client = connect(port, credentials);
    kept.push(client);
    return [
      repeat("unary", () => callOnce(client)),
      repeat("streams", () => streamOnce(client)),
      repeat("fresh", async () => {
        const fresh = connect(port, credentials);
        await callOnce(fresh).finally(() => fresh.close());
      }),
    ];
  }).flat();
  return {
    result,
    async stop() {
      stopped = true;
      await Promise.all(loops);
      for (const client of kept) client.close();
      return result;
    },
  };
}
