// A thread of its own: the tokenizer takes a third of a second and 100 MB to load, and goes when the thread ends.
import { countPieces } from "./token-pieces.ts";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<{ id: number; text: string }>) => {
  self.postMessage({ id: data.id, tokens: countPieces(data.text) });
};
