import { afterAll } from "bun:test";

/** An issuer's server on this machine. */
export interface KeyServer {
  url: string;
  /** How often it was asked. */
  asked: number;
  /** What it answers next. */
  answer(request: Request): Response | Promise<Response>;
  /** What it answers when it is well: the keys in this. */
  keys: readonly object[];
}

/** Starts one that is gone when the test file is through. */
export function startKeyServer(keys: readonly object[]): KeyServer {
  const answerWell = () => Response.json({ keys: state.keys });
  const state: KeyServer = { url: "", asked: 0, keys, answer: answerWell };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      state.asked += 1;
      return state.answer(request);
    },
  });
  afterAll(() => server.stop(true));
  state.url = `http://127.0.0.1:${server.port}/jwks.json`;
  return state;
}
