import { createPrivateKey } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatPrevious } from "../../../src/auth/previous-secret.ts";
import { run } from "../executable.ts";
import type { Canaries } from "./canaries.ts";
import type { Secrets } from "./secrets.ts";
import { wrongPlaces } from "./wrong-files.ts";

/** What a home folder is filled from. */
export interface Ground {
  secrets: Secrets;
  /** A home folder with a development CA, a private CA and a certificate. */
  template: string;
  /** Where providers are found. */
  upstream: string;
}

/** The files of a home folder that commands are told of. */
export interface Places {
  home: string;
  configuration: string;
  /** A file by its name, or the path that it would have. */
  at(name: string): string;
}

/** A set-up with secrets in it. */
export interface World {
  name: string;
  /** Whether every command that reads the configuration is run in it, and not only those that look at all of it. */
  widely: boolean;
  /** The text of its configuration file. */
  configuration(ground: Ground, places: Places): string;
  environment(ground: Ground, places: Places): Record<string, string>;
}

/** Stands in for an editor: it leaves what the process list shows meanwhile, and puts another text in the place of a file's. */
const editor =
  'tr "\\0" " " < /proc/$$/cmdline >> "$HOME/process-list"; tr "\\0" " " < /proc/$PPID/cmdline >> "$HOME/process-list"; cp "$1" "$2"';

const folderOf = (home: string) => join(home, ".config", "vibectl", "server");

/** Makes the folders that no world need make again, and takes their private keys for canaries. */
export async function makeGround(
  canaries: Canaries,
  template: string,
  secrets: Secrets,
  upstream: string,
): Promise<Ground> {
  const environment = { VIBECTL_CA_PASSPHRASE: secrets.passphrases.ca };
  for (const args of [
    ["generate-certs", "--hostname", "localhost"],
    ["ca", "init"],
    ["ca", "create-server-cert", "localhost"],
    ["ca", "create-client-cert", "ci-bot"],
  ]) {
    const { code, stderr } = await run(args, { home: template, environment });
    if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  }
  const files = [...new Bun.Glob("**/*.key").scanSync({ cwd: folderOf(template), dot: true })];
  for (const file of files) canaries.pem(`the key ${file}`, readFileSync(join(folderOf(template), file), "utf8"));
  const key = createPrivateKey(readFileSync(join(folderOf(template), "certs", "server.key")));
  const cipher = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: secrets.passphrases.tls } as const;
  writeFileSync(join(template, "tls.key"), canaries.pem("the TLS key", key.export(cipher).toString()), { mode: 0o600 });
  return { secrets, template, upstream };
}

/** Fills a home folder with a world. */
export function settle(
  world: World,
  ground: Ground,
  home: string,
): { places: Places; environment: Record<string, string> } {
  const { jwt, anthropic, openai, team, passphrases, tokens } = ground.secrets;
  cpSync(ground.template, home, { recursive: true, verbatimSymlinks: true });
  mkdirSync(folderOf(home), { recursive: true });
  const configuration = join(folderOf(home), "config.yaml");
  const places: Places = { home, configuration, at: (name) => join(home, name) };
  const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3_600_000);
  const texts: Readonly<Record<string, string>> = {
    "jwt-secret": jwt.keyFile,
    "jwt-secret.previous": formatPrevious(jwt.replaced, soon),
    "previous-secret": jwt.previousFile,
    "signing.pem": jwt.privateKey,
    "anthropic-key": anthropic.keyFile,
    "openai-key": openai.keyFile,
    "team-key": team.spareFile,
    "tls-passphrase": passphrases.tls,
    "ca-passphrase": passphrases.ca,
    "wrong-passphrase": passphrases.wrong,
    "valid.jwt": tokens.valid,
    "expired.jwt": tokens.expired,
    "forged.jwt": tokens.forged,
    "bearer.jwt": `Bearer ${tokens.valid}`,
    "rotate.yaml": `${providers(ground, places)}jwt: { secret_key_file: ${places.at("jwt-secret")} }`,
    "wrong.yaml": wrongPlaces.text(ground.secrets),
    editor,
    "url.txt": `vibectl-server://${tokens.valid}@localhost:50051`,
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(places.at(name), `${text}\n`, { mode: 0o600 });
  writeFileSync(configuration, world.configuration(ground, places), { mode: 0o600 });
  return { places, environment: world.environment(ground, places) };
}

/** The providers of the worlds. Each call is to reach them once, however many have failed before. */
export const providers = ({ secrets, upstream }: Ground, { at }: Places) => `retries: { max_retries: 0 }
breaker: { failures: 1000 }
providers:
  anthropic: { base_url: "${upstream}/v1", key_file: ${at("anthropic-key")} }
  openai: { base_url: "${upstream}/v1" }
  google: { base_url: "${upstream}/v1beta" }
  local: { type: openai-compatible, base_url: "${upstream.replace("://", `://user:${secrets.local.password}@`)}/v1", key: x, models: [tiny] }
  other: { type: openai-compatible, base_url: "${upstream}/v1", models: [tiny] }
  team:
    type: openai-compatible
    base_url: "${upstream}/v1"
    models: [tiny]
    keys: { main: { key: ${secrets.team.main} }, spare: { key_file: ${at("team-key")} } }
    headers: { x-team: ${secrets.team.header} }
  walled: { type: openai-compatible, base_url: "${upstream}/v1", models: [tiny], proxy: "http://user:${secrets.team.proxy}@127.0.0.1:9" }
`;
