import { defineCommand } from "citty";
import { type IssuedToken, issueToken, type SigningSettings, type TokenRequest } from "../../auth/token-issuer.ts";
import type { TokenStore } from "../../auth/token-store.ts";
import { ConfigurationError, FileError } from "../../errors.ts";
import { writeFileAtomically } from "../../safe-file.ts";
import { formatEnd } from "../certificate-report.ts";
import { describeDuration } from "../duration.ts";
import type { Meta } from "../invoke.ts";
import { formatJson } from "../json.ts";
import { output } from "../output.ts";
import { type CreateRequest, createArgs, readCreateFlags } from "./create-flags.ts";
import { describeLimits, grantFields } from "./describe-token.ts";
import { requireTokenTarget } from "./token-target.ts";
import { type CommandContext, withTokenTools } from "./token-tools.ts";
import { clientUrl, plainTextWarning } from "./url-flag.ts";

/** A token whose time of issue is later than servers' clocks would be refused by them. */
const furthestAheadMs = 30_000;

/** Says that nothing was issued because the store can't be used, and how it can be issued without. */
function notListed(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  return new FileError(`The token can't be listed, so it was not issued: ${error.message}`, {
    hint: `${error.hint ?? ""} With --unlisted it is issued all the same; the list then doesn't know it.`.trim(),
    cause: error,
  });
}

/** The first second in which a token of a subject can be issued: a later one than that of its last revocation. */
function earliestIssue(store: TokenStore, subject: string, now: Date): Date | undefined {
  const revoked = store.lastRevocationOf(subject);
  if (revoked === undefined) return undefined;
  const earliest = new Date(revoked.getTime() + 1000);
  if (earliest.getTime() <= now.getTime() + furthestAheadMs) return earliest;
  throw new ConfigurationError(
    `The tokens of this subject were revoked at ${formatEnd(revoked)}, which is in the future`,
    {
      hint: "Set this machine's clock.",
    },
  );
}

/** Issues a token of which the store knows. */
async function issueListed(wanted: TokenRequest, signing: SigningSettings, { tools, now }: CommandContext) {
  const store = tools.openStore();
  try {
    const issuedNotBefore = earliestIssue(store, wanted.subject, now);
    const issued = await issueToken({ ...wanted, issuedNotBefore }, signing, now);
    const { id, issuedAt } = issued;
    if (id !== undefined && issuedAt !== undefined) store.record({ ...issued, id, issuedAt });
    return issued;
  } finally {
    store.close();
  }
}

async function issue(request: CreateRequest, context: CommandContext): Promise<IssuedToken> {
  const { subject, models, scopes, limits, unlisted } = request;
  const { signing, whyNoSigning, expirationDays } = context.tools;
  if (!signing) {
    throw new ConfigurationError(whyNoSigning ?? "There is no key that signs tokens", {
      hint: "Have tokens issued where that key is.",
    });
  }
  const lifetimeSeconds = request.lifetimeSeconds ?? Math.max(1, Math.round(expirationDays * 86_400));
  const wanted = { subject, lifetimeSeconds, scopes, models, limits };
  if (unlisted) return await issueToken(wanted, signing, context.now);
  return await issueListed(wanted, signing, context).catch((error) => {
    throw notListed(error);
  });
}

function tell(request: CreateRequest, issued: IssuedToken, { tools, output }: CommandContext): void {
  for (const warning of tools.warnings) output.note(`warning: ${warning}`);
  const { expiresAt, issuedAt } = issued;
  const seconds = Math.round((expiresAt.getTime() - (issuedAt ?? expiresAt).getTime()) / 1000);
  output.note(
    `The token of ${request.subject} is valid until ${formatEnd(expiresAt)}, for ${describeDuration(seconds)}`,
  );
  const risk = request.url && plainTextWarning(request.url, tools.serverUrl);
  if (risk !== undefined) output.note(`warning: ${risk}`);
  if (request.maybeMinutes) output.note("note: m counts months; minutes are written 30min");
  const limits = describeLimits(request.limits);
  if (limits)
    output.note(`note: the limits are written into the token (${limits}); this version does not enforce limits yet`);
  if (request.unlisted)
    output.note("note: it is not listed; `token revoke` ends it all the same, by its subject or its id");
}

/** Issues a token, keeps that it was issued, and prints it or writes it to a file. */
export async function createToken(request: CreateRequest, context: CommandContext): Promise<void> {
  const { tools, output } = context;
  const urlOf = request.url && clientUrl(request.url, tools.serverUrl);
  if (request.output !== undefined) await requireTokenTarget(request.output, { force: request.force });
  const issued = await issue(request, context);
  const url = urlOf?.(issued.token);
  const text = url ?? issued.token;
  if (request.output !== undefined) {
    await writeFileAtomically(request.output, `${text}\n`, { mode: 0o600, clobber: true });
  }
  tell(request, issued, context);
  if (request.output !== undefined) output.note(`Wrote ${url ? "its URL" : "it"} to ${request.output}`);
  if (request.json) {
    const { id, subject, issuedAt, expiresAt } = issued;
    const secret = request.output === undefined ? { token: issued.token, url } : { file: request.output };
    const fields = { ...secret, id, subject, issued_at: issuedAt, expires_at: expiresAt };
    return output.line(formatJson({ ...fields, ...grantFields(issued), listed: !request.unlisted }));
  }
  if (request.output === undefined) output.line(text);
}

function createTokenCommand(name: "create" | "generate-token") {
  const words = name === "create" ? "token create" : name;
  const meta: Meta = {
    name,
    description: "Issues a token that callers of a server with --require-auth need. It stands alone on stdout",
    names: ["token create", "generate-token"],
    example: `vibectl-server ${words} alice --expires-in 30d --model 'anthropic/*' --output alice.jwt`,
  };
  return defineCommand({
    meta,
    args: createArgs,
    async run({ args: flags, rawArgs }) {
      const request = readCreateFlags(flags, rawArgs);
      await withTokenTools(flags, (tools) => createToken(request, { tools, output, now: new Date() }));
    },
  });
}

/** `token create SUBJECT`: issues a token. */
export const create = createTokenCommand("create");

/** `generate-token SUBJECT`: the same under the name that the Python server has for it. */
export const generateToken = createTokenCommand("generate-token");
