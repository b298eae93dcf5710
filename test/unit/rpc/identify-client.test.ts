import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { UnauthenticatedError } from "../../../src/errors.ts";
import { type AuthenticateOptions, authenticate, type Caller, callerKey } from "../../../src/rpc/authenticate.ts";
import type { ClientCertificate } from "../../../src/rpc/client-certificate.ts";
import type { ClientIdentification } from "../../../src/rpc/identify-client.ts";
import { FakeContext } from "./fake-context.ts";

const request = create(StringValueSchema);

/** Which certificate it is does not matter here. */
const leaf = new X509Certificate(rootCertificates[0] ?? "");
const verified: ClientCertificate = { verified: true, chain: [leaf] };
const unverified: ClientCertificate = { verified: false, reason: "the certificate is of an unknown CA" };

const tokens: Pick<AuthenticateOptions, "verify"> = { verify: async (token) => ({ subject: token }) };

function certificatesOf(holder: string, options: Partial<ClientIdentification> = {}): AuthenticateOptions {
  return { certificates: { required: false, subjectOf: () => holder, objectionTo: () => undefined, ...options } };
}

async function callerOf(options: AuthenticateOptions, context: FakeContext): Promise<Caller | undefined> {
  let reached: Caller | undefined;
  await authenticate(options)(async (message, inner) => {
    reached = inner.get(callerKey);
    return { streamed: false, message: message as typeof request };
  })(request, context);
  return reached;
}

async function refusalOf(options: AuthenticateOptions, context: FakeContext): Promise<string> {
  const error: unknown = await callerOf(options, context).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnauthenticatedError);
  return error instanceof Error ? error.message : "";
}

const withToken = (token: string, certificate?: ClientCertificate) =>
  new FakeContext({ authorization: [`Bearer ${token}`] }, certificate);
const withoutToken = (certificate?: ClientCertificate) => new FakeContext({}, certificate);

test("a verified certificate stands in for a token", async () => {
  const options = { ...tokens, ...certificatesOf("alice") };
  expect(await callerOf(options, withoutToken(verified))).toEqual({ subject: "alice", by: "certificate" });
});

test("a token stands in for a certificate that is not required", async () => {
  const options = { ...tokens, ...certificatesOf("alice") };
  expect(await callerOf(options, withToken("alice"))).toEqual({ subject: "alice", by: "token" });
});

test("a token and a certificate of the same subject pass", async () => {
  const options = { ...tokens, ...certificatesOf("alice") };
  expect(await callerOf(options, withToken("alice", verified))).toEqual({ subject: "alice", by: "both" });
});

test("a token and a certificate of different subjects are refused", async () => {
  const options = { ...tokens, ...certificatesOf("bob") };
  expect(await refusalOf(options, withToken("alice", verified))).toBe(
    "the token is alice's, the client certificate is bob's",
  );
});

test("a malformed token is refused, however good the certificate is", async () => {
  const options = { ...tokens, ...certificatesOf("alice") };
  const context = new FakeContext({ authorization: ["Basic YTpi"] }, verified);
  expect(await refusalOf(options, context)).toContain("not of the form");
});

test("a token that is nobody's is refused, however good the certificate is", async () => {
  const expired = new UnauthenticatedError("the token has expired");
  const options = { ...certificatesOf("alice"), verify: () => Promise.reject(expired) };
  expect(await refusalOf(options, withToken("alice", verified))).toBe("the token has expired");
});

test("neither a token nor a certificate is refused as without certificates", async () => {
  const options = { ...tokens, ...certificatesOf("alice") };
  expect(await refusalOf(options, withoutToken())).toBe("the call carries no authorization metadata");
});

test.each(["with", "without"])("a certificate that was not verified is refused %s a good token", async (token) => {
  const context = token === "with" ? withToken("alice", unverified) : withoutToken(unverified);
  for (const options of [certificatesOf("alice"), { ...tokens, ...certificatesOf("alice") }]) {
    expect(await refusalOf(options, context)).toBe("the certificate is of an unknown CA");
  }
  expect(context.retirements).toBe(0);
});

test("a certificate that no longer counts is refused with a good token too, and its connection is retired", async () => {
  const options = { ...tokens, ...certificatesOf("alice", { objectionTo: () => "it was revoked" }) };
  const context = withToken("alice", verified);
  expect(await refusalOf(options, context)).toBe("it was revoked");
  expect(context.retirements).toBe(1);
});

test("a certificate in which no name is found is refused with a good token too", async () => {
  const nameless = () => {
    throw new UnauthenticatedError("the client certificate has no name");
  };
  const options = { ...tokens, ...certificatesOf("alice", { subjectOf: nameless }) };
  expect(await refusalOf(options, withToken("alice", verified))).toBe("the client certificate has no name");
});

test("where no token is needed a call without a certificate passes, and is nobody's", async () => {
  expect(await callerOf(certificatesOf("alice"), withoutToken())).toBeUndefined();
});

test("where no token is needed none is looked at", async () => {
  expect(await callerOf(certificatesOf("alice"), withToken("bob", verified))).toEqual({
    subject: "alice",
    by: "certificate",
  });
  expect(await callerOf(certificatesOf("alice"), withToken("bob"))).toBeUndefined();
});

test("a required certificate is missed, also where the handshake let the client through and its token is good", async () => {
  const options = certificatesOf("alice", { required: true });
  expect(await refusalOf(options, withoutToken())).toBe("the client showed no certificate");
  expect(await refusalOf({ ...tokens, ...options }, withToken("alice"))).toBe("the client showed no certificate");
});

test("where certificates do not count, one that was shown is not looked at", async () => {
  expect(await callerOf(tokens, withToken("alice", unverified))).toEqual({ subject: "alice", by: "token" });
});
