import { type ArgsDef, defineCommand } from "citty";
import { shown } from "../../auth/shown-text.ts";
import { objectionToSubject } from "../../auth/subject.ts";
import type { Revocation, RevocationOutcome, TokenStore } from "../../auth/token-store.ts";
import { UsageError } from "../../errors.ts";
import { nearestName } from "../../nearest.ts";
import { formatEnd } from "../certificate-report.ts";
import { configArg } from "../config/config-file.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { refuseToken } from "./token-source.ts";
import { type CommandContext, loadTokenState, type TokenState } from "./token-tools.ts";

const args = {
  name: { type: "positional", required: true, description: "The subject whose tokens end, or the id of one token" },
  reason: { type: "string", valueHint: "text", description: "Why, for `token list`" },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

/** What a name is of. One of which nothing is known may be a token's id or a subject, with another issuer. */
type Kind = Revocation["kind"] | "either";

function kindOf(name: string, store: TokenStore): { kind: Kind; known: boolean } {
  if (store.find(name)) return { kind: "token", known: true };
  if (store.subjects().includes(name)) return { kind: "subject", known: true };
  return { kind: "either", known: false };
}

function checkName(name: string, reason: string | undefined): void {
  refuseToken(name, "Name its id or its subject: `vibectl-server token inspect FILE` shows both.");
  const objection = objectionToSubject(name);
  if (objection !== undefined) {
    throw new UsageError(`NAME is ${shown(name)}, which ${objection}`, { hint: "Name a subject, or a token's id." });
  }
  const problem = reason === undefined ? undefined : objectionToSubject(reason);
  if (problem === undefined) return;
  throw new UsageError(`--reason is ${shown(reason ?? "")}, which ${problem}`, { hint: "Use a line of plain text." });
}

function sentence(name: string, kind: Kind, { ended, before, at }: RevocationOutcome): string {
  if (kind === "token") {
    return before ? `The token ${name} was revoked already, at ${formatEnd(before)}` : `Revoked the token ${name}`;
  }
  const valid = ended === 1 ? "1 token that was valid" : `${ended} tokens that were valid`;
  const hit = ended === 0 ? "no valid token of it is known" : valid;
  return `Revoked what was issued to ${name} until ${formatEnd(at)}: ${hit}`;
}

function noteOf(name: string, store: TokenStore): string {
  const near = nearestName(name, store.subjects());
  const meant = near === undefined ? "; both" : `; did you mean ${near}? Both`;
  return `note: no token with this id, and no subject of this name, is known here${meant} are refused from now on`;
}

/** Revokes a token or all that a subject has, and says how many that ended. */
export function revokeTokens(
  { name, reason, json }: { name: string; reason: string | undefined; json: boolean },
  { tools, output }: CommandContext<TokenState>,
): void {
  checkName(name, reason);
  for (const warning of tools.warnings) output.note(`warning: ${warning}`);
  const store = tools.openStore();
  try {
    const { kind, known } = kindOf(name, store);
    if (kind === "either") store.revoke({ kind: "token", name, reason });
    const outcome = store.revoke({ kind: kind === "token" ? "token" : "subject", name, reason });
    if (!known) output.note(noteOf(name, store));
    if (json) {
      const { at, ended, before } = outcome;
      output.line(formatJson({ name, kind, known, at, ended, revoked_before: before, reason }));
    } else {
      output.foreign(`${sentence(name, kind, outcome)}\n`);
    }
  } finally {
    store.close();
  }
}

const meta: Meta = {
  name: "revoke",
  description: "Revokes a token, or all tokens that a subject has; running servers refuse them from the next call on",
  example: "vibectl-server token revoke alice --reason 'laptop lost'",
};

/** `token revoke SUBJECT|ID`: revokes tokens. */
export const revoke = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const { name, reason, json = false } = flags;
    revokeTokens({ name, reason, json }, { tools: await loadTokenState(flags), output, now: new Date() });
  },
});
