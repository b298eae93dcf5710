import { expect, test } from "bun:test";
import { create, createFileRegistry, type DescService } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
  type StringValue,
  StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import type { Client, ClientDuplexStream, ClientWritableStream } from "@grpc/grpc-js";
import { CallAbortedError } from "../../../src/errors.ts";
import { type Implementation, implementService } from "../../../src/rpc/service.ts";
import {
  callOnce,
  collect,
  connect,
  deserializeWith,
  openStream,
  pathOf,
  serializeWith,
  serve,
  until,
} from "./support.ts";

type Texts<Kind extends string> = {
  methodKind: Kind;
  input: typeof StringValueSchema;
  output: typeof StringValueSchema;
};

type KindsService = GenService<{
  unary: Texts<"unary">;
  serverStreaming: Texts<"server_streaming">;
  clientStreaming: Texts<"client_streaming">;
  bidiStreaming: Texts<"bidi_streaming">;
}>;

const text = ".google.protobuf.StringValue";

function describeKinds(): DescService | undefined {
  const file = create(FileDescriptorProtoSchema, {
    name: "test/kinds.proto",
    package: "test",
    syntax: "proto3",
    dependency: ["google/protobuf/wrappers.proto"],
    service: [
      {
        name: "Kinds",
        method: [
          { name: "Unary", inputType: text, outputType: text },
          { name: "ServerStreaming", inputType: text, outputType: text, serverStreaming: true },
          { name: "ClientStreaming", inputType: text, outputType: text, clientStreaming: true },
          { name: "BidiStreaming", inputType: text, outputType: text, clientStreaming: true, serverStreaming: true },
        ],
      },
    ],
  });
  const files = create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] });
  return createFileRegistry(files).getService("test.Kinds");
}

const kinds = describeKinds() as unknown as KindsService;

function textOf(value: string): StringValue {
  return create(StringValueSchema, { value });
}

const joining: Implementation<KindsService> = {
  unary: async ({ value }) => textOf(`unary ${value}`),
  serverStreaming: async function* ({ value }) {
    yield textOf(`first ${value}`);
    yield textOf(`second ${value}`);
  },
  clientStreaming: async (requests) => {
    const values: string[] = [];
    for await (const { value } of requests) values.push(value);
    return textOf(values.join("+"));
  },
  bidiStreaming: async function* (requests) {
    for await (const { value } of requests) yield textOf(`re: ${value}`);
  },
};

function sendStream(client: Client) {
  const { promise, resolve } = Promise.withResolvers<{ code: number | undefined; reply: StringValue | undefined }>();
  const { clientStreaming } = kinds.method;
  const stream = client.makeClientStreamRequest(
    pathOf(clientStreaming),
    serializeWith(clientStreaming.input),
    deserializeWith(clientStreaming.output),
    (error, reply) => resolve({ code: error?.code, reply: reply as StringValue | undefined }),
  ) as ClientWritableStream<StringValue>;
  return { stream, outcome: promise };
}

function openBoth(client: Client): ClientDuplexStream<StringValue, StringValue> {
  const { bidiStreaming } = kinds.method;
  return client.makeBidiStreamRequest(
    pathOf(bidiStreaming),
    serializeWith(bidiStreaming.input),
    deserializeWith(bidiStreaming.output),
  ) as unknown as ClientDuplexStream<StringValue, StringValue>;
}

const serveKinds = (methods: Partial<Implementation<KindsService>> = {}) =>
  serve({ services: [implementService(kinds, { ...joining, ...methods })] });

test("all four kinds of methods answer", async () => {
  const { port } = await serveKinds();
  const client = connect(port);

  const unary = await callOnce<StringValue>(client, kinds.method.unary, textOf("a"));
  expect(unary.replies.map(({ value }) => value)).toEqual(["unary a"]);

  const streamed = await openStream<StringValue>(client, kinds.method.serverStreaming, textOf("b")).outcome;
  expect(streamed.replies.map(({ value }) => value)).toEqual(["first b", "second b"]);

  const { stream, outcome } = sendStream(client);
  for (const value of ["c", "d", "e"]) stream.write(textOf(value));
  stream.end();
  expect((await outcome).reply?.value).toBe("c+d+e");

  const both = openBoth(client);
  const replies = collect(both);
  for (const value of ["f", "g"]) both.write(textOf(value));
  both.end();
  expect((await replies).replies.map(({ value }) => value)).toEqual(["re: f", "re: g"]);
});

test("a bidirectional stream answers while the client still sends", async () => {
  const { port } = await serveKinds();
  const both = openBoth(connect(port));
  const received: string[] = [];
  both.on("data", ({ value }: StringValue) => received.push(value));
  both.write(textOf("one"));
  await until(() => received.length === 1);
  both.write(textOf("two"));
  await until(() => received.length === 2);
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  both.on("status", ({ code }) => resolve(code));
  both.end();
  expect(await ended).toBe(0);
  expect(received).toEqual(["re: one", "re: two"]);
});

test("a handler may answer before it has read everything", async () => {
  const { port } = await serveKinds({
    clientStreaming: async (requests) => {
      for await (const { value } of requests) return textOf(`only ${value}`);
      return textOf("nothing");
    },
    bidiStreaming: async function* (requests) {
      for await (const { value } of requests) {
        yield textOf(`only ${value}`);
        return;
      }
    },
  });
  const client = connect(port);
  const { stream, outcome } = sendStream(client);
  stream.write(textOf("first"));
  expect((await outcome).reply?.value).toBe("only first");

  const both = openBoth(client);
  const replies = collect(both);
  both.write(textOf("first"));
  expect(await replies).toMatchObject({ code: "OK", replies: [{ value: "only first" }] });
});

test("a stream of requests ends in the abort's reason when the client goes away", async () => {
  const { promise: thrown, resolve } = Promise.withResolvers<unknown>();
  let reading = false;
  const { server, port } = await serveKinds({
    clientStreaming: async (requests) => {
      try {
        for await (const _ of requests) reading = true;
      } catch (error) {
        resolve(error);
      }
      return textOf("");
    },
  });
  const { stream } = sendStream(connect(port));
  stream.write(textOf("first"));
  await until(() => reading);
  stream.cancel();
  const error = await thrown;
  expect(error).toBeInstanceOf(CallAbortedError);
  expect((error as CallAbortedError).reason).toBe("client");
  await until(() => server.activeCalls === 0);
});

test("shutting down ends a handler that waits for its client's next message", async () => {
  const { promise: thrown, resolve } = Promise.withResolvers<unknown>();
  let reading = false;
  const { server, port } = await serveKinds({
    bidiStreaming: async function* (requests) {
      try {
        for await (const _ of requests) {
          reading = true;
          yield textOf("");
        }
      } catch (error) {
        resolve(error);
        throw error;
      }
    },
  });
  const both = openBoth(connect(port));
  const replies = collect(both);
  both.write(textOf("first"));
  await until(() => reading);
  await server.close({ graceMs: 0 });
  expect((await replies).code).toBe("UNAVAILABLE");
  expect(((await thrown) as CallAbortedError).reason).toBe("shutdown");
  expect(server.activeCalls).toBe(0);
});

test("a malformed message in a stream of requests is an invalid argument", async () => {
  const { port } = await serveKinds();
  const { clientStreaming } = kinds.method;
  const client = connect(port);
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const stream = client.makeClientStreamRequest(
    pathOf(clientStreaming),
    (bytes: Buffer) => bytes,
    deserializeWith(clientStreaming.output),
    (error) => resolve(error?.code),
  );
  stream.write(Buffer.from([0x0a, 0xff]));
  stream.end();
  expect(await promise).toBe(3);
});
