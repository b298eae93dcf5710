import { resolveSecret } from "../auth/secret.ts";
import type { TokenSettings } from "../auth/token.ts";
import type { Environment, Paths } from "../config/paths.ts";
import type { Configuration } from "../config/schema.ts";
import { writeFileAtomically } from "../safe-file.ts";

/** How tokens are signed and checked on this machine. */
export interface LoadedTokenSettings {
  settings: TokenSettings;
  /** Where the secret came from, for a person. */
  secretSource: string;
  warnings: readonly string[];
}

/**
 * Finds what signs and checks tokens, and makes a secret when there is none.
 *
 * @param jwt - The configuration's section.
 * @throws ConfigurationError or FileError when the secret can't be used, read or written.
 */
export async function loadTokenSettings(
  jwt: Configuration["jwt"],
  environment: Environment,
  paths: Paths,
): Promise<LoadedTokenSettings> {
  const { algorithm, issuer } = jwt;
  const { bytes, source, warnings } = await resolveSecret({
    environment,
    key: jwt.secret_key,
    keyFile: jwt.secret_key_file,
    algorithm,
    generatedFile: paths.jwtSecret,
    save: (file, text) => writeFileAtomically(file, text, { mode: 0o600, clobber: false }),
  });
  return { settings: { secret: bytes, algorithm, issuer }, secretSource: source, warnings };
}
