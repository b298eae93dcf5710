import { type ArgsDef, defineCommand } from "citty";
import type { TokenClaims } from "../../auth/claims.ts";
import { RevocationList } from "../../auth/revocation-list.ts";
import { UnauthenticatedError } from "../../errors.ts";
import { formatBlock, type Row } from "../block.ts";
import { configArg } from "../config/config-file.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { describeTime, grantFields, grantRows } from "./describe-token.ts";
import { readToken, tokenFileArg } from "./token-source.ts";
import { type CommandContext, type TokenTools, withTokenTools } from "./token-tools.ts";

const args = { ...tokenFileArg, ...jsonArg, ...configArg } satisfies ArgsDef;

/** Why a token is refused; its claims where it is not. */
async function judge(token: string, tools: TokenTools): Promise<TokenClaims | UnauthenticatedError> {
  let claims: TokenClaims;
  try {
    claims = await tools.verify(token);
  } catch (error) {
    if (error instanceof UnauthenticatedError) return error;
    throw error;
  }
  let problem: unknown;
  const onProblem = (error: unknown) => {
    problem = error;
  };
  const revocations = RevocationList.open(tools.stateDirectory, { onProblem });
  const objection = revocations.objectionTo(claims);
  revocations.close();
  if (problem !== undefined) throw problem;
  return objection === undefined ? claims : new UnauthenticatedError(objection);
}

function rowsOf(claims: TokenClaims, now: Date): Row[] {
  const { subject, id, issuedAt, expiresAt } = claims;
  return [
    ["Subject", subject],
    ["Id", id ?? "none"],
    ["Issued", issuedAt ? describeTime(issuedAt, now) : "it doesn't say"],
    ["Expires", describeTime(expiresAt, now)],
    ...grantRows(claims),
  ];
}

/**
 * Checks a token as the server does, and prints whose it is.
 *
 * @returns Whether it is accepted.
 * @throws UnauthenticatedError with the reason when it is not; with `json` that is printed instead.
 */
export async function verifyToken(
  token: string,
  { tools, output, now, json }: CommandContext & { json: boolean },
): Promise<boolean> {
  for (const warning of tools.warnings) output.note(`warning: ${warning}`);
  const verdict = await judge(token, tools);
  if (verdict instanceof UnauthenticatedError) {
    if (!json) throw new UnauthenticatedError(`The token would be refused: ${verdict.message}`, { cause: verdict });
    output.line(formatJson({ accepted: false, reason: verdict.message }));
    return false;
  }
  const { subject, id, issuedAt, expiresAt } = verdict;
  const fields = { subject, id, issued_at: issuedAt, expires_at: expiresAt, ...grantFields(verdict) };
  if (json) output.line(formatJson({ accepted: true, ...fields }));
  else output.line(formatBlock({ heading: "The token is accepted", rows: rowsOf(verdict, now), warnings: [] }, output));
  return true;
}

const meta: Meta = {
  name: "verify",
  description: "Checks a token as the server does: its signature, its claims, and whether it was revoked",
  example: "vibectl-server token verify alice.jwt",
};

/** `token verify [FILE|-]`: checks a token. Ends with 1 when it would be refused. */
export const verify = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const token = await readToken(flags.file);
    await withTokenTools(flags, async (tools) => {
      const accepted = await verifyToken(token, { tools, output, now: new Date(), json: flags.json ?? false });
      if (!accepted) process.exitCode = 1;
    });
  },
});
