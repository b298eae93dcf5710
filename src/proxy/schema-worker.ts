// A thread of its own: a caller's schema can take for ever to compile or to apply, and then this thread is ended.
import { SchemaValidation } from "./schema-validation.ts";

declare const self: Worker;

const validation = new SchemaValidation();
self.onmessage = ({ data }: MessageEvent<{ schema: string; text: string | undefined }>) => {
  self.postMessage({ result: validation.measure(data.schema, data.text) });
};
self.postMessage("ready");
