/** A request as it came off the wire. */
export interface WireRequest {
  method: string;
  path: string;
  /** The head and the body, for answers that repeat them. */
  text: string;
  body: string;
}

const headEnd = "\r\n\r\n";

/**
 * Takes HTTP/1.1 requests out of the bytes of one connection (RFC 9112). Bodies have to say their length, as those of a
 * client with a JSON document in hand do.
 */
export class RequestReader {
  #bytes = Buffer.alloc(0);

  /**
   * Takes what has arrived.
   *
   * @returns The requests that are complete with it.
   * @throws Error for a request that is beyond this reader.
   */
  push(bytes: Uint8Array): WireRequest[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const requests: WireRequest[] = [];
    for (let next = this.#take(); next; next = this.#take()) requests.push(next);
    return requests;
  }

  #take(): WireRequest | undefined {
    const end = this.#bytes.indexOf(headEnd);
    if (end < 0) return undefined;
    const head = this.#bytes.subarray(0, end).toString("latin1");
    if (/^transfer-encoding:/im.test(head)) throw new Error("this upstream wants bodies of a known length");
    const length = Number(/^content-length: *(\d+) *$/im.exec(head)?.[1] ?? 0);
    const start = end + headEnd.length;
    if (this.#bytes.length < start + length) return undefined;
    const body = this.#bytes.subarray(start, start + length).toString("utf8");
    this.#bytes = this.#bytes.subarray(start + length);
    const [method = "", path = ""] = head.split(" ", 2);
    return { method, path, text: `${head}\n${body}`, body };
  }
}
