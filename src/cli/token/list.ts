import { type ArgsDef, defineCommand } from "citty";
import type { Revocation, StoredToken } from "../../auth/token-store.ts";
import { formatTime } from "../../time.ts";
import { formatEnd } from "../certificate-report.ts";
import { configArg } from "../config/config-file.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { type Cell, formatTable } from "../table.ts";
import { describeScopes, grantFields } from "./describe-token.ts";
import { type CommandContext, loadTokenState, type TokenState } from "./token-tools.ts";

const args = {
  subject: { type: "string", valueHint: "subject", description: "Whose alone" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

type Status = "valid" | "expired" | "revoked";

function statusOf({ revokedAt, expiresAt }: StoredToken, now: Date): Status {
  if (revokedAt) return "revoked";
  return expiresAt.getTime() <= now.getTime() ? "expired" : "valid";
}

const tints = { valid: "green", expired: "gray", revoked: "red" } as const;

function row(token: StoredToken, now: Date): Cell[] {
  const { id, subject, issuedAt, expiresAt, scopes, models } = token;
  const status = statusOf(token, now);
  const granted = [describeScopes(scopes), models === undefined ? "all" : models.join(", ")];
  return [id, subject, formatTime(issuedAt), formatTime(expiresAt), ...granted, { text: status, tint: tints[status] }];
}

function tokenFields(token: StoredToken, now: Date) {
  const { id, subject, issuedAt, expiresAt, revokedAt } = token;
  const times = { issued_at: issuedAt, expires_at: expiresAt, revoked_at: revokedAt };
  return { id, subject, ...times, ...grantFields(token), status: statusOf(token, now) };
}

function describeRevocation({ kind, name, at, reason }: Revocation): string {
  const what =
    kind === "subject" ? `${name}: all tokens issued until ${formatEnd(at)}` : `${name}, at ${formatEnd(at)}`;
  return `  ${what}${reason === undefined ? "" : ` (${reason})`}`;
}

/** Prints the tokens that were issued here, and the revocations that are of no token among them. */
export async function listTokens(
  { subject, json }: { subject: string | undefined; json: boolean },
  { tools, output, now }: CommandContext<TokenState>,
): Promise<void> {
  for (const warning of tools.warnings) output.note(`warning: ${warning}`);
  const store = await tools.readStore();
  const tokens = store?.list({ subject }) ?? [];
  const all = store?.revocations() ?? [];
  store?.close();
  const ids = new Set(tokens.map(({ id }) => id));
  const subjects = all.filter(({ kind, name }) => kind === "subject" && (subject === undefined || name === subject));
  const foreign = subject === undefined ? all.filter(({ kind, name }) => kind === "token" && !ids.has(name)) : [];
  if (json) {
    const revocations = [...subjects, ...foreign].map(({ kind, name, at, reason }) => ({ kind, name, at, reason }));
    output.line(formatJson({ tokens: tokens.map((token) => tokenFields(token, now)), revocations }));
    return;
  }
  const head = ["ID", "SUBJECT", "ISSUED", "EXPIRES", "SCOPES", "MODELS", "STATUS"];
  if (tokens.length > 0)
    output.line(
      formatTable(
        head,
        tokens.map((token) => row(token, now)),
        output,
      ),
    );
  else output.line(subject === undefined ? "No tokens were issued here" : "No token of this subject was issued here");
  const sections = [
    ["Revoked subjects", subjects],
    ["Revoked tokens that are not listed", foreign],
  ] as const;
  for (const [title, revocations] of sections) {
    if (revocations.length === 0) continue;
    output.line(`\n${title}:`);
    for (const revocation of revocations) output.foreign(`${describeRevocation(revocation)}\n`);
  }
}

const meta: Meta = {
  name: "list",
  description: "Lists the tokens that were issued here, and what was revoked",
  example: "vibectl-server token list --subject alice",
};

/** `token list`: lists issued tokens. */
export const list = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const context = { tools: await loadTokenState(flags), output, now: new Date() };
    await listTokens({ subject: flags.subject, json: flags.json ?? false }, context);
  },
});
