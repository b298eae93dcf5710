import { type ArgsDef, defineCommand } from "citty";
import { type HmacAlgorithm, isHmac } from "../../auth/algorithms.ts";
import { type Rotation, rotateSecret } from "../../auth/secret.ts";
import { ConfigurationError } from "../../errors.ts";
import { formatBlock } from "../block.ts";
import { formatEnd } from "../certificate-report.ts";
import { configArg } from "../config/config-file.ts";
import { parseDuration } from "../duration.ts";
import type { Meta } from "../invoke.ts";
import { formatJson, jsonArg } from "../json.ts";
import { output } from "../output.ts";
import { describeTime } from "./describe-token.ts";
import { type CommandContext, type TokenTools, withTokenTools } from "./token-tools.ts";

const args = {
  overlap: {
    type: "string",
    valueHint: "30d",
    description: "How long tokens of the old secret are accepted; jwt.expiration_days when left out, 0 for not at all",
  },
  ...jsonArg,
  ...configArg,
} satisfies ArgsDef;

/** What is asked for. */
export interface RotateRequest {
  /** Undefined: as long as a new token is valid. */
  overlapSeconds: number | undefined;
  json: boolean;
}

const byHand =
  "Make a new one with `vibectl-server generate-secret`; give the old one as VIBECTL_JWT_PREVIOUS_SECRET, or " +
  "jwt.previous_secret_key_file, so that its tokens go on; put the new one in its place; start the servers again; when the " +
  "old tokens have expired, take the previous one away.";

/** Where the new secret goes. */
function placeOf({ algorithm, secret }: TokenTools): { file: string; algorithm: HmacAlgorithm } {
  if (!secret || !isHmac(algorithm)) {
    throw new ConfigurationError(`Tokens are signed with ${algorithm}, so there is no secret to rotate`, {
      hint:
        "Make a new key pair; put both public keys as a JWKS into jwt.public_key_file, and the new private key into " +
        "jwt.private_key_file; when the old tokens have expired, take the old public key away.",
    });
  }
  if (secret.file !== undefined) return { file: secret.file, algorithm };
  throw new ConfigurationError(`The secret comes from ${secret.source}, which this command can't change`, {
    hint: byHand,
  });
}

function outcome({ until, previousFile }: Rotation, now: Date): string {
  if (until === undefined) return "not accepted any more: all tokens that were issued until now are refused";
  return `accepted until ${describeTime(until, now)}; kept in ${previousFile}`;
}

/** Replaces the secret that signs tokens, and keeps the old one for a while. */
export async function rotate(
  { overlapSeconds, json }: RotateRequest,
  { tools, output, now }: CommandContext,
): Promise<void> {
  const { file, algorithm } = placeOf(tools);
  const overlap = overlapSeconds ?? Math.max(1, Math.round(tools.expirationDays * 86_400));
  const rotation = await rotateSecret({ file, algorithm, overlapSeconds: overlap, now });
  for (const warning of tools.warnings) output.note(`warning: ${warning}`);
  const { previousFile, until, dropped } = rotation;
  if (dropped) {
    output.note(
      `warning: tokens of the secret before the old one, good until ${formatEnd(dropped)}, are refused from now on`,
    );
  }
  if (json) return output.line(formatJson({ file, previous_file: previousFile, accepted_until: until, dropped }));
  const rows = [
    ["Secret", file],
    ["Old secret", outcome(rotation, now)],
  ] as const;
  output.line(formatBlock({ heading: "Replaced the secret that signs tokens", rows, warnings: [] }, output));
}

const meta: Meta = {
  name: "rotate-secret",
  description: "Replaces the secret that signs tokens; tokens of the old one are accepted for a while",
  example: "vibectl-server token rotate-secret --overlap 30d",
};

/** `token rotate-secret`: replaces the secret that signs tokens. */
export const rotateSecretCommand = defineCommand({
  meta,
  args,
  async run({ args: flags }) {
    const { overlap } = flags;
    const overlapSeconds = overlap === undefined ? undefined : parseDuration(overlap, "--overlap", { zero: true });
    const request = { overlapSeconds, json: flags.json ?? false };
    await withTokenTools(flags, (tools) => rotate(request, { tools, output, now: new Date() }));
  },
});
