import { readFile } from "node:fs/promises";
import { CheckError, FileError, systemCodeOf } from "../errors.ts";
import { describeFile, systemReason } from "../safe-file.ts";
import type { ServerUrl } from "./server-url.ts";

/** A token and where it came from. */
export interface Token {
  /** The secret itself. */
  readonly value: string;
  /** Such as `the URL` or `VIBECTL_JWT_TOKEN`. */
  readonly source: string;
  /** Whether it stood in the URL, and so on a command line. */
  readonly fromUrl?: true;
}

/** Where a token can come from. */
export interface TokenSources {
  readonly url: Pick<ServerUrl, "token">;
  /** The file named by `--jwt-path`. */
  readonly jwtPath?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a token says of itself, unverified: only its server can tell whether it is true. */
export interface TokenClaims {
  /** The `sub` claim (RFC 7519, section 4.1.2). */
  readonly subject: string | undefined;
  /** The `iss` claim (RFC 7519, section 4.1.1). */
  readonly issuer: string | undefined;
  /** The `exp` claim (RFC 7519, section 4.1.4). */
  readonly expiresAt: Date | undefined;
  /** The `nbf` claim (RFC 7519, section 4.1.5). */
  readonly notBefore: Date | undefined;
}

const remedy = "Have the server issue one: vibectl-server generate-token SUBJECT --output FILE";

function checked(text: string, source: string): Token {
  const value = text.trim();
  if (value === "") throw new CheckError(`There is no token in ${source}: it is empty`, { hint: remedy });
  if (/^bearer\s/i.test(value)) {
    throw new CheckError(`The token from ${source} begins with "Bearer", and should stand alone`, {
      hint: "Remove the word; the client puts it there.",
    });
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new CheckError(`There is no token in ${source}: it holds spaces, lines or characters that no token has`, {
      hint: remedy,
    });
  }
  return { value, source };
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = systemCodeOf(cause);
    const shown = describeFile(path);
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FileError(`The token file ${shown} does not exist`, { hint: remedy, cause });
    }
    throw new FileError(`The token file ${shown} can't be read: ${systemReason(cause)}`, {
      hint: "Name a file that holds the token alone, and that this user may read.",
      cause,
    });
  }
}

/**
 * Finds the token that a call carries: in the file named by `--jwt-path`, else in the URL, else in `VIBECTL_JWT_TOKEN`,
 * as vibectl does when it tests a connection. An empty variable counts as unset.
 *
 * @returns Undefined when there is none.
 * @throws FileError when the file can't be read.
 * @throws CheckError when what was found can't be a token.
 */
export async function findToken({ url, jwtPath, environment }: TokenSources): Promise<Token | undefined> {
  if (jwtPath !== undefined) return checked(await readTokenFile(jwtPath), `the file ${jwtPath}`);
  if (url.token !== undefined) return { ...checked(url.token, "the URL"), fromUrl: true };
  const variable = environment.VIBECTL_JWT_TOKEN;
  return variable ? checked(variable, "VIBECTL_JWT_TOKEN") : undefined;
}

function decodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^[\w-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A NumericDate: seconds since 1970-01-01T00:00:00Z (RFC 7519, section 2). */
function timeOf(value: unknown): Date | undefined {
  const time = typeof value === "number" ? new Date(value * 1000) : undefined;
  return time && Number.isFinite(time.getTime()) ? time : undefined;
}

/**
 * Reads what a JWT says, without verifying it (RFC 7519, section 7.2).
 *
 * @returns Undefined when it is no signed JWT.
 */
export function readClaims(token: string): TokenClaims | undefined {
  const [header, payload, signature, ...more] = token.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return undefined;
  const claims = decodePart(payload);
  if (claims === undefined || decodePart(header) === undefined) return undefined;
  return {
    subject: textOf(claims.sub),
    issuer: textOf(claims.iss),
    expiresAt: timeOf(claims.exp),
    notBefore: timeOf(claims.nbf),
  };
}
