import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Caller, connect, textOf, until } from "./calls.ts";
import { run, type Serving, serve } from "./executable.ts";
import { streamExecute } from "./stream-client.ts";

setDefaultTimeout(30_000);
const home = temporaryFolder();
const folder = join(home, ".config", "vibectl", "server");
const file = join(folder, "config.yaml");
const keyFile = join(home, "key");

/** An upstream that answers with the key that it was shown. */
const upstream = createServer((request, response) => {
  request.resume();
  const content = request.headers.authorization?.replace("Bearer ", "") ?? "no key";
  response.writeHead(200, { "content-type": "application/json" });
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  response.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "tiny", choices, usage }));
});

let serving: Serving;
let caller: Caller;
let provider: string;

const config = (...args: string[]) => run(["config", ...args], { home });

function write(text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}

beforeAll(async () => {
  upstream.listen(0, "127.0.0.1");
  await new Promise((resolve) => upstream.once("listening", resolve));
  const { port } = upstream.address() as AddressInfo;
  provider = `{ type: openai-compatible, base_url: "http://127.0.0.1:${port}/v1", key_file: ${keyFile}, models: [tiny] }`;
  writeFileSync(keyFile, "key-1\n", { mode: 0o600 });
  mkdirSync(folder, { recursive: true });
  write(`# A comment\nproviders: { local: ${provider} }\n`);
  serving = await serve([], { home });
  caller = connect(serving.port);
});

afterAll(async () => {
  caller?.close();
  serving?.kill("SIGKILL");
  await serving?.exited;
  upstream.closeAllConnections();
  upstream.close();
});

describe("a running server applies", () => {
  test("an alias, set by `config set`", async () => {
    expect(textOf(await caller.execute("fast"))).toBe("MODEL_NOT_FOUND");
    expect((await config("set", "model_aliases", "{fast: local/tiny}")).code).toBe(0);
    await until("the alias works", async () => textOf(await caller.execute("fast")) === "key-1");
    expect(serving.stderr()).toContain("the configuration was loaded anew");
    expect(serving.stderr()).toContain("model_aliases.fast");
  });

  test("a key that is rotated in its file", async () => {
    writeFileSync(keyFile, "key-2\n");
    await until("the new key is used", async () => textOf(await caller.execute("fast")) === "key-2");
  });

  test("a provider that is added, and one that is taken away", async () => {
    expect((await config("set", "providers.echo", "{type: echo}")).code).toBe(0);
    await until("echo answers", async () => textOf(await caller.execute("echo/echo")) === "hello");
    expect((await config("unset", "providers.echo")).code).toBe(0);
    await until("echo is gone", async () => textOf(await caller.execute("echo/echo")) === "MODEL_NOT_FOUND");
  });

  test("a route and a fallback, and what becomes of a model that is away", async () => {
    expect((await config("set", "model_routes", "{safe: [nowhere/tiny, local/tiny]}")).code).toBe(0);
    await until("the route works", async () => textOf(await caller.execute("safe")) === "key-2");
    expect(serving.stderr()).toContain("model_routes.safe names nowhere/tiny, which no provider offers now");
    expect((await config("set", "providers.echo", "{type: echo, failure: PROVIDER_UNAVAILABLE}")).code).toBe(0);
    expect((await config("set", "model_fallbacks", "{echo: [local/tiny]}")).code).toBe(0);
    await until("the fallback answers", async () => textOf(await caller.execute("echo")) === "key-2");
    expect((await config("unset", "model_fallbacks")).code).toBe(0);
    await until("it does no longer", async () => textOf(await caller.execute("echo")) === "PROVIDER_UNAVAILABLE");
    expect((await config("unset", "providers.echo", "model_routes")).code).toBe(0);
  });

  test("the number of calls that run, while one of them does", async () => {
    const slow = "{type: echo, chunk_delay_ms: 60000}";
    expect(
      (await config("set", "server.max_workers", "1", "server.max_queued", "0", "providers.slow", slow)).code,
    ).toBe(0);
    const offersSlow = async () => /slow\/echo/.test(JSON.stringify((await caller.serverInfo()).reply?.modelAliases));
    await until("the slow one is there", offersSlow);
    const client = new Client(`localhost:${serving.port}`, credentials.createInsecure());
    const running = streamExecute(client, { modelName: "slow/echo", userFragments: ["hello there"] });
    running.on("error", () => undefined);
    await once(running, "data");
    expect(textOf(await caller.execute("local/tiny"))).toBe("status 8");
    expect((await config("set", "server.max_workers", "2")).code).toBe(0);
    await until("there is another one", async () => textOf(await caller.execute("local/tiny")) === "key-2");
    running.cancel();
    client.close();
    expect((await config("unset", "server.max_workers", "server.max_queued", "providers.slow")).code).toBe(0);
    await until("the slow one is gone", async () => !(await offersSlow()));
  });

  test("the level of the log", async () => {
    expect(serving.stderr()).not.toContain("DEBUG");
    await config("set", "server.log_level", "debug");
    await serving.logged(/changed=\["server.log_level"\]/);
    serving.kill("SIGHUP");
    await serving.logged(/INFO.*the configuration is the same/);
  });

  test("whether a token is needed", async () => {
    await config("set", "server.require_auth", "true");
    await until("a token is needed", async () => (await caller.serverInfo()).code === 16);
    const { stdout } = await run(["token", "create", "alice"], { home });
    const alice = connect(serving.port, stdout.trim());
    expect((await alice.serverInfo()).code).toBe(0);
    alice.close();
    await config("unset", "server.require_auth");
    await until("no token is needed", async () => (await caller.serverInfo()).code === 0);
  });

  test("what needs a restart at the next start, and says so", async () => {
    const { stderr } = await config("set", "server.log_format", "json");
    expect(stderr).toContain("next start");
    await serving.logged(/server.log_format is "json" by .*config.yaml:\d+:\d+, which takes effect at the next start/);
    expect((await caller.serverInfo()).code).toBe(0);
    await config("unset", "server.log_format");
  });
});

describe("what can't be applied leaves everything as it was:", () => {
  test("a file that is wrong, of which the log names everything", async () => {
    const { stdout } = await config("show", "--json");
    write("server: { log_level: loud }\nprovider: {}\n");
    await serving.logged(/log_level: expected one of/);
    await serving.logged(/unknown key provider; did you mean providers\?/);
    expect(textOf(await caller.execute("fast"))).toBe("key-2");
    expect(JSON.parse(stdout).model_aliases).toEqual({ fast: "local/tiny" });
  });

  test("a file that is gone", async () => {
    rmSync(file);
    await serving.logged(/config.yaml does not exist/);
    expect(textOf(await caller.execute("fast"))).toBe("key-2");
  });

  test("a default model that nobody offers", async () => {
    write(
      `providers: { local: ${provider} }\nmodel_aliases: { slow: local/tiny }\nserver: { default_model: nowhere/none }\n`,
    );
    await serving.logged(/The default model nowhere\/none is not on offer/);
    expect(textOf(await caller.execute("slow"))).toBe("MODEL_NOT_FOUND");
    expect(textOf(await caller.execute("fast"))).toBe("key-2");
  });

  test("a key file that is not there yet, until it is", async () => {
    const later = join(home, "later");
    write(`providers: { local: ${provider.replace(keyFile, later)} }\nmodel_aliases: { new: local/tiny }\n`);
    await serving.logged(/providers.local.key_file names .*later, which can't be read/);
    expect(textOf(await caller.execute("fast"))).toBe("key-2");
    writeFileSync(later, "key-3\n", { mode: 0o600 });
    await until("its key is used", async () => textOf(await caller.execute("new")) === "key-3");
  });

  test("and a file that is right again is applied", async () => {
    write(`providers: { local: ${provider} }\nmodel_aliases: { slow: local/tiny }\n`);
    await until("the new alias works", async () => textOf(await caller.execute("slow")) === "key-2");
    expect(textOf(await caller.execute("fast"))).toBe("MODEL_NOT_FOUND");
  });
});
