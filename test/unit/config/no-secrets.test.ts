import { describe, expect, test } from "bun:test";
import { variablesOf } from "../../../src/config/environment.ts";
import { anyName, configurationKeys, isSecret } from "../../../src/config/keys.ts";
import { formatProblem } from "../../../src/config/problems.ts";
import { formatPath, withValue } from "../../../src/config/tree.ts";
import { VibectlError } from "../../../src/errors.ts";
import { configurationFiles, type Given } from "./configuration-files.ts";

const { examine } = configurationFiles();

/** A secret as a person thinks one up: nothing tells that it is one but its place. */
const plain = "hunter2canary";
/** Secrets that are known as such wherever they stand. */
const telling = {
  key: "sk-canary-hunter2canary",
  token: "eyJhbGciOiJIUzI1NiJ9.hunter2canary.x",
  random: "hunter2canaryQ2FuYXJ5Q2FuYXJ5Q2FuYXJ5Q2FuYXJ5",
  address: "https://user:hunter2canary@example.com/",
};

/** All that is said of a configuration. */
async function said(given: Given): Promise<string> {
  const answer = await examine(given).catch((error: unknown) => {
    if (error instanceof VibectlError) return `${error.message}\n${error.hint}`;
    throw error;
  });
  return typeof answer === "string" ? answer : [...answer.problems.map(formatProblem), ...answer.warnings].join("\n");
}

/** A value in shapes that it is not meant to have. */
const shapes = (secret: string): unknown[] => [
  secret,
  [secret],
  [[secret]],
  { a: secret },
  { a: { [secret]: null } },
  { a: { b: [secret] } },
  [{ key: secret }],
  `${secret} `,
  `\n${secret}\n`,
];

const paths = configurationKeys().map(({ path }) => path.map((name) => (name === anyName ? "openai" : name)));
const inSecretSections = [
  ...paths.filter(([section]) => section === "jwt" || section === "providers"),
  ["jwt"],
  ["providers"],
  ["providers", "openai"],
]
  .filter((path) => !["algorithm", "type", "key_choice"].includes(path.at(-1) ?? ""))
  .filter((path) => !/days|seconds|_ms$|chunks|outputs|weight|connections/.test(path.at(-1) ?? ""));

describe("a secret is not repeated that stands", () => {
  test.each(inSecretSections.map((path) => [formatPath(path), path] as const))(
    "at %s, whatever its shape",
    async (_name, path) => {
      for (const value of shapes(plain)) {
        expect(await said({ text: JSON.stringify(withValue({}, path, value)) })).not.toContain(plain);
        expect(await said({ text: JSON.stringify(withValue({}, path, value)), lenient: true })).not.toContain(plain);
      }
    },
  );

  test.each(paths.map((path) => [formatPath(path), path] as const))(
    "at %s, where it looks like one",
    async (_name, path) => {
      for (const secret of Object.values(telling)) {
        for (const value of shapes(secret)) {
          expect(await said({ text: JSON.stringify(withValue({}, path, value)) })).not.toContain(plain);
        }
      }
    },
  );

  test.each(
    configurationKeys()
      .filter(({ path }) => !path.includes(anyName))
      .map((key) => [formatPath(key.path), key] as const),
  )("in a variable of %s", async (_name, key) => {
    for (const variable of variablesOf(key)) {
      for (const secret of [...Object.values(telling), ...(isSecret(key.path) ? [plain] : [])]) {
        for (const text of [secret, `[${secret}`, `{${secret}}`, `!${secret}`, `*${secret}`, `${secret}\n`]) {
          expect(await said({ environment: { [variable]: text, VIBECTL_JWT_SECRET_KEY: secret } })).not.toContain(
            plain,
          );
        }
      }
    }
  });

  test.each([
    "VIBECTL_OPENAI_API_KEY",
    "VIBECTL_OPENAI_API_KEY_FILE",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_KEY",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_BASE_URL",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_MODELS",
    "VIBECTL_SERVER_PROVIDERS_X_KEY",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_KEYS_MAIN_KEY",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_HEADERS",
    "VIBECTL_SERVER_PROVIDERS_OPENAI_PROXY",
    "VIBECTL_SERVER_OPENAI_KEY",
    "VIBECTL_JWT_SECRETS",
    "OPENAI_API_KEY",
    "OLLAMA_HOST",
  ])("in %s", async (variable) => {
    for (const text of [plain, ` ${plain}`, `"${plain}`, `[${plain}`]) {
      expect(await said({ environment: { [variable]: text, VIBECTL_OPENAI_API_KEY: `${plain}2` } })).not.toContain(
        plain,
      );
    }
  });
});

describe("a slip in YAML does not have a secret repeated:", () => {
  test.each([
    `jwt: { secret_key: !${plain} }`,
    `jwt: { secret_key: !<${plain}> }`,
    `jwt: { secret_key: !x!${plain} y }`,
    `jwt: { secret_key: *${plain} }`,
    `jwt: { secret_key: &${plain} }`,
    `jwt: { secret_key: @${plain} }`,
    `jwt: { secret_key: %${plain} }`,
    `jwt: { secret_key: \`${plain} }`,
    `jwt: { secret_key: "${plain} }`,
    `jwt: { secret_key: '${plain} }`,
    `jwt: { secret_key: "a" ${plain} }`,
    `jwt: { secret_key: "a"${plain} }`,
    `jwt: { secret_key: "\\U${plain}" }`,
    `jwt: { secret_key: "\\${plain}" }`,
    `jwt: { secret_key:${plain} }`,
    `jwt: { secret_key=${plain} }`,
    `jwt: { ${plain} }`,
    `jwt: { secret_key: {${plain}} }`,
    `jwt: { secret_key: ${plain}, secret_key: ${plain} }`,
    `jwt: { ? ${plain} }`,
    `jwt: { ? [${plain}] : a }`,
    `jwt: { secret_key: a: ${plain} }`,
    `jwt: { issuer: [${plain}, 010] }`,
    `jwt:\n  secret_key: |${plain}\n`,
    `jwt:\n  secret_key: >${plain}\n`,
    `jwt:\n  secret_key: |\n  ${plain}\n`,
    `jwt:\n  secret_key: "a"\n  ${plain}\n`,
    `jwt:\n  secret_key: 'a'${plain}\n`,
    `jwt:\n  secret_key ${plain}\n  issuer: a\n`,
    `jwt:\n\tsecret_key: ${plain}\n`,
    `jwt:\n  secret_key:${plain}\n`,
    `jwt:\n  secret_key: -${plain}\n  - ${plain}\n`,
    `jwt:\n  secret_key:\n  ${plain}: a\n b\n`,
    `%${plain}\n---\njwt: {}\n`,
    `%TAG ${plain}\n---\njwt: {}\n`,
    `jwt: {}\n--- ${plain}\n`,
    `jwt: {}\n... ${plain}\n`,
    `jwt: {}\n]${plain}\n`,
    `jwt: {}\n"${plain}"\n`,
    `jwt: {}\n}"${plain}": ${plain}\n`,
    `[secret]\nsecret_key = ${plain}\n`,
    `JWT_SECRET=${plain}\n`,
    `jwt.secret_key: ${plain}\n`,
    `${plain}\n`,
    `- ${plain}\n`,
    `"${plain}"\n`,
    `jwt: &a { secret_key: ${plain}, <<: *a }\n`,
    `jwt: { secret_key: ${plain}, <<: ${plain} }\n`,
    `tls: { key_passphrase_file: [${plain}] }\n`,
    `tls: { key_passphrase: ${plain} }\n`,
    `jwt: { enabled: ${plain} }\nserver: { require_auth: true }\n`,
    `jwt: { secret_key: "${plain}\\0" }\n`,
    `providers: { openai: ${plain} }\n`,
    `providers: { openai: { ${plain} } }\n`,
    `providers: { openai: { key:${plain} } }\n`,
    `providers:\n  openai:\n    key:${plain}\n`,
    `providers: { openai:${plain} }\n`,
    `providers: { openai: { keys: { ${plain} } } }\n`,
    `providers: { openai: { keys: { main:${plain} } } }\n`,
    `providers: { openai: { keys: { main: ${plain} } } }\n`,
    `providers: { openai: { keys: { main: { ${plain} } } } }\n`,
    `providers: { openai: { keys: { main: { key:${plain} } } } }\n`,
    `providers: { openai: { keys: { main: { key: [${plain}] } } } }\n`,
    `providers: { openai: { keys: { main: { key: ${plain}, key: ${plain} } } } }\n`,
    `providers: { openai: { headers: { ${plain} } } }\n`,
    `providers: { openai: { headers: { x-team:${plain} } } }\n`,
    `providers: { openai: { headers: { x-team: [${plain}] } } }\n`,
    `providers: { openai: { headers: { x-team: "${plain}\\n" } } }\n`,
    `providers: { openai: { headers: { authorization: ${plain} } } }\n`,
    `providers: { openai: { headers: "x-team: ${plain}" } }\n`,
    `providers: { openai: { proxy: "socks5://user:${plain}@proxy:1080" } }\n`,
    `providers: { openai: { proxy: "http://user:${plain}@proxy:3128/path" } }\n`,
    `providers: { openai: { proxy: "user:${plain}@proxy:3128" } }\n`,
    `providers: { openai: { proxy: { password: ${plain} } } }\n`,
    `model_routes: { fast: [${telling.key}, ${telling.key}] }\n`,
    `model_routes: { fast: [{ model: [${telling.key}] }] }\n`,
    `model_routes: { ${telling.key}: [${telling.key}] }\n`,
    `model_fallbacks: { "*": [${telling.key}, ${telling.key}] }\n`,
    `providers: { ${telling.key}: }\n`,
    `providers: { ${telling.key}: { type: openai, delay_ms: 1 } }\n`,
    `providers: { ${telling.token}: { type: openai } }\n`,
    `model_aliases: { ${telling.key}: ${telling.key} }\n`,
    `${telling.key}: 1\n`,
    `server: { ${telling.token}: 1 }\n`,
  ])("%p", async (text) => {
    expect(await said({ text })).not.toContain(plain);
    expect(await said({ text, lenient: true })).not.toContain(plain);
    expect((await said({ text })).length).toBeGreaterThan(0);
  });
});

test.each(["0123456789", "0x1234567890", "+1234567890", "1234567890.", "1234567890"])(
  "a secret that is a number is not repeated: %s",
  async (number) => {
    expect(await said({ text: `jwt: { secret_key: ${number} }` })).not.toContain("234567");
    expect(await said({ text: `providers: { openai: { key: ${number} } }` })).not.toContain("234567");
    expect(await said({ text: `providers: { openai: { keys: { a: { key: ${number} } } } }` })).not.toContain("234567");
    expect(await said({ text: `providers: { openai: { headers: { x: ${number} } } }` })).not.toContain("234567");
    expect(await said({ text: `tls: { key_passphrase_file: ${number} }` })).not.toContain("234567");
  },
);
