import type { ExecuteError, ExecutionMetrics, StreamChunk } from "../gen/vibectl/llm_proxy/llm_proxy_pb.ts";

/** What a streamed answer has brought so far, and where it left the order text, `complete`, `final_metrics`. */
export class AnswerOrder {
  /** Characters of text. */
  characters = 0;
  model: string | undefined;
  metrics: ExecutionMetrics | undefined;
  error: ExecuteError | undefined;
  /** Each a sentence. */
  readonly faults: string[] = [];

  constructor(private readonly requestId: string) {}

  /**
   * Takes a message of the stream.
   *
   * @returns Its text, where it is a text chunk.
   */
  take({ requestId, chunkType }: StreamChunk): string | undefined {
    if (requestId !== this.requestId) this.#fault("A message carries another request id than the request.");
    if (this.error !== undefined) this.#fault("A message follows the error.");
    switch (chunkType.case) {
      case "textChunk":
        if (this.model !== undefined) this.#fault("Text follows complete.");
        this.characters += chunkType.value.length;
        return chunkType.value;
      case "complete":
        if (this.model !== undefined) this.#fault("complete comes twice.");
        this.model = chunkType.value.actualModelUsed;
        return undefined;
      case "finalMetrics":
        if (this.model === undefined) this.#fault("final_metrics comes before complete.");
        if (this.metrics !== undefined) this.#fault("final_metrics comes twice.");
        this.metrics = chunkType.value;
        return undefined;
      case "error":
        this.error = chunkType.value;
        return undefined;
      default:
        this.#fault("A message is neither text, complete, final_metrics nor error.");
        return undefined;
    }
  }

  /** The stream has ended with OK. */
  end(): void {
    if (this.error !== undefined) return;
    if (this.model === undefined) this.#fault("The stream ended without complete.");
    if (this.metrics === undefined) this.#fault("The stream ended without final_metrics.");
  }

  #fault(sentence: string): void {
    if (!this.faults.includes(sentence)) this.faults.push(sentence);
  }
}
