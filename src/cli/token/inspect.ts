import { type ArgsDef, defineCommand } from "citty";
import type { JsonObject } from "../../auth/json-text.ts";
import { readTokenText, type TokenText } from "../../auth/token-text.ts";
import { FileError, UnauthenticatedError } from "../../errors.ts";
import { formatBlock, type Row } from "../block.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { type Output, output } from "../output.ts";
import { describeTime } from "./describe-token.ts";
import { readToken, tokenFileArg } from "./token-source.ts";

const args = { ...tokenFileArg, ...jsonArg } satisfies ArgsDef;

/** Labels of the members that RFC 7515 and RFC 7519 define, in the order in which they are told. */
const headerLabels: Readonly<Record<string, string>> = { alg: "Algorithm", typ: "Type", kid: "Key id" };
const claimLabels: Readonly<Record<string, string>> = {
  sub: "Subject",
  jti: "Id",
  iss: "Issuer",
  aud: "Audience",
  iat: "Issued",
  nbf: "Not before",
  exp: "Expires",
};
const times = ["iat", "nbf", "exp"];

function textOf(name: string, value: unknown, now: Date): string {
  const time = times.includes(name) && typeof value === "number" ? new Date(value * 1000) : undefined;
  if (time && Number.isFinite(time.getTime())) return describeTime(time, now);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function rowsOf(members: JsonObject, labels: Readonly<Record<string, string>>, now: Date): Row[] {
  const known = Object.keys(labels).filter((name) => Object.hasOwn(members, name));
  const others = Object.keys(members).filter((name) => !Object.hasOwn(labels, name));
  return [...known, ...others].map((name) => [
    Object.hasOwn(labels, name) ? (labels[name] ?? name) : name,
    textOf(name, members[name], now),
  ]);
}

function warningsOf({ header, payload, signature }: TokenText, now: Date): string[] {
  const { exp, nbf } = payload;
  const seconds = now.getTime() / 1000;
  const warnings: string[] = [];
  if (String(header.alg).toLowerCase() === "none" || signature.length === 0) warnings.push("It is not signed");
  if (typeof exp !== "number") warnings.push("It does not say when it expires");
  else if (exp <= seconds) warnings.push("It has expired");
  if (typeof nbf === "number" && nbf > seconds) warnings.push("It is not valid yet");
  return warnings;
}

function take(token: string): TokenText {
  try {
    return readTokenText(token);
  } catch (cause) {
    if (!(cause instanceof UnauthenticatedError)) throw cause;
    throw new FileError(`This is no token that a server takes: ${cause.message}`, {
      hint: "Make one: `vibectl-server token create SUBJECT --output FILE`",
      cause,
    });
  }
}

/** Prints what a token says; never the token, nor its signature. */
export function inspectToken(token: string, { json, output, now }: { json: boolean; output: Output; now: Date }): void {
  const text = take(token);
  const { header, payload, signature } = text;
  const bytes = signature.length;
  if (json) {
    output.line(formatJson({ verified: false, header, claims: payload, signature_bytes: bytes }));
    return;
  }
  const rows: Row[] = [
    ...rowsOf(header, headerLabels, now),
    ...rowsOf(payload, claimLabels, now),
    ["Signature", `${bytes} bytes, not shown`],
  ];
  const heading = "What the token says of itself; nobody has checked it";
  output.line(formatBlock({ heading, rows, warnings: warningsOf(text, now) }, output));
  output.note("note: `vibectl-server token verify` tells whether this server takes it");
}

const meta: Meta = {
  name: "inspect",
  description: "Shows what a token says, without checking whether it is true",
  example: "vibectl-server token inspect alice.jwt",
};

/** `token inspect [FILE|-]`: shows what a token says. */
export const inspect = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    inspectToken(await readToken(flags.file), { json: flags.json ?? false, output, now: new Date() });
  },
});
