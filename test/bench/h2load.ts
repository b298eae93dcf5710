import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One run of load. */
export interface LoadOptions {
  url: string;
  /** The serialized request message. */
  message: Uint8Array;
  calls: number;
  /** Connections, each with one call at a time. */
  connections: number;
  /** Further headers, such as `authorization: Bearer …`. */
  headers?: readonly string[];
}

/** What a run measured. */
export interface LoadResult {
  callsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Bytes of data per answer: a server that answers with an error is quick, and shows here. */
  bytesPerCall: number;
}

/** gRPC's length-prefixed message: one zero byte, the length in four bytes, the message. */
function frame(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(5 + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, 5);
  return framed;
}

function percentile(sorted: readonly number[], share: number): number {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / 1000;
}

/** Loads a server with nghttp2's h2load. */
export async function runLoad({ url, message, calls, connections, headers = [] }: LoadOptions): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "vibectl-server-load-"));
  const body = join(folder, "body");
  const log = join(folder, "log");
  writeFileSync(body, frame(message));
  const all = ["content-type: application/grpc", "te: trailers", ...headers];
  const child = Bun.spawn(
    [
      "h2load",
      `--log-file=${log}`,
      `-n${calls}`,
      `-c${connections}`,
      "-m1",
      `-d${body}`,
      ...all.flatMap((header) => ["-H", header]),
      url,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [text, problem] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(`h2load failed: ${problem}${text}`);
  const succeeded = Number(/(\d+) succeeded/.exec(text)?.[1] ?? 0);
  if (succeeded !== calls) throw new Error(`${succeeded} of ${calls} calls to ${url} succeeded:\n${text}`);
  const times = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => Number(line.split("\t")[2]))
    .sort((a, b) => a - b);
  rmSync(folder, { recursive: true, force: true });
  return {
    callsPerSecond: Number(/([\d.]+) req\/s/.exec(text)?.[1] ?? 0),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    bytesPerCall: Number(/\((\d+)\) data/.exec(text)?.[1] ?? 0) / calls,
  };
}
