import { expect, test } from "bun:test";
import { ListenError } from "../../../src/errors.ts";
import { listenError } from "../../../src/rpc/listener.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}: what the system says`), { code });
}

test.each([
  ["EADDRINUSE", "can't listen on 127.0.0.1:50051: the port is in use", "another port"],
  ["EACCES", "can't listen on 127.0.0.1:50051: this user may not use the port", "1024"],
  ["EADDRNOTAVAIL", "can't listen on 127.0.0.1:50051: the address is not one of this machine's", "0.0.0.0"],
  ["ENOTFOUND", "can't listen on 127.0.0.1:50051: the host name does not resolve", "an address of this machine"],
  ["EAI_AGAIN", "can't listen on 127.0.0.1:50051: the host name does not resolve", "an address of this machine"],
])("%s is explained with a hint", (code, message, hint) => {
  const cause = systemError(code);
  const error = listenError("127.0.0.1:50051", cause);
  expect(error).toBeInstanceOf(ListenError);
  expect(error.message).toBe(message);
  expect(error.hint).toContain(hint);
  expect(error.cause).toBe(cause);
});

test("a reason that nobody foresaw is passed on", () => {
  expect(listenError("127.0.0.1:1", systemError("EMFILE")).message).toContain("EMFILE");
});
