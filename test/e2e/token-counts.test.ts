import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import type { StreamChunk } from "../../src/gen/vibectl/llm_proxy/llm_proxy_pb.ts";
import { guessTokens } from "../../src/providers/token-count.ts";
import { countPieces } from "../../src/providers/token-pieces.ts";
import { eventStream, startUpstream } from "../integration/providers/scripted-upstream.ts";
import { compatible } from "../integration/providers/wires.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { connect } from "./calls.ts";
import { serve } from "./executable.ts";
import { streamExecute } from "./stream-client.ts";

const asked = "Unverständliche Straßenbahnhaltestellenschilder?";
const answer = "漢字かな交じり文 and some more of it, in kube-system.";

test("the executable counts the tokens of a provider that does not, and says that it did", async () => {
  expect([countPieces(asked), countPieces(answer)]).not.toEqual([
    guessTokens(asked.length),
    guessTokens(answer.length),
  ]);
  const withoutUsage = (text: string) => text.replace(/,"usage":\{[^{}]*\}/, "");
  await using upstream = startUpstream(({ body }) =>
    body.stream === true
      ? eventStream([...compatible.opening, compatible.text(answer), ...compatible.closing].map(withoutUsage))
      : new Response(withoutUsage(JSON.stringify(compatible.whole(answer))), {
          headers: { "content-type": "application/json" },
        }),
  );
  const home = temporaryFolder();
  const config = join(home, "config.yaml");
  writeFileSync(
    config,
    `providers:\n  local: { type: openai-compatible, base_url: "${upstream.url}/v1", models: [tiny] }\n`,
  );
  const serving = await serve(["--config", config], { home });
  const caller = connect(serving.port);
  const client = new Client(`localhost:${serving.port}`, credentials.createInsecure());
  try {
    const metrics = {
      inputTokens: countPieces(asked),
      outputTokens: countPieces(answer),
      usageEstimated: true,
    };
    const { reply } = await caller.execute("local/tiny", asked);
    expect(reply?.result).toMatchObject({ case: "success", value: { responseText: answer, metrics } });
    const chunks = await Array.fromAsync(
      streamExecute(client, { modelName: "local/tiny", userFragments: [asked] }) as AsyncIterable<StreamChunk>,
    );
    expect(chunks.at(-1)?.chunkType).toMatchObject({ case: "finalMetrics", value: metrics });
  } finally {
    caller.close();
    client.close();
    serving.kill("SIGTERM");
    await serving.exited;
  }
});
