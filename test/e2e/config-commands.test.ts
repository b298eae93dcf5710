import { beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolders } from "../temporary-folder.ts";
import { run, serve } from "./executable.ts";

setDefaultTimeout(30_000);
const freshHome = temporaryFolders();
let home: string;
let folder: string;
let file: string;

beforeEach(() => {
  home = freshHome();
  folder = join(home, ".config", "vibectl", "server");
  file = join(folder, "config.yaml");
  mkdirSync(folder, { recursive: true });
});

const go = (args: string[], environment: Record<string, string> = {}) => run(args, { home, environment });
const config = (...args: string[]) => go(["config", ...args]);

const commented = `# The team's server
server:
  host: 127.0.0.1   # this machine alone
  port: 50051

  # "fast" is an alias
  default_model: 'fast'
providers:
  echo: { type: echo }   # for trying things out
model_aliases: { fast: echo/echo }
`;

async function git(...args: string[]): Promise<string> {
  const child = Bun.spawn(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
    cwd: folder,
    env: { ...process.env, HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
    stdout: "pipe",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error(`git ${args[0]} failed`);
  return text;
}

describe("config set", () => {
  test.if(Bun.which("git") !== null)("changes one line of a file with comments, as git sees it", async () => {
    writeFileSync(file, commented);
    await git("init", "-q");
    await git("add", "config.yaml");
    await git("commit", "-q", "-m", "a");
    const { code, stderr } = await config("set", "server.port", "6000");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await git("diff", "--stat")).toContain("1 file changed, 1 insertion(+), 1 deletion(-)");
    expect(readFileSync(file, "utf8")).toBe(commented.replace("50051", "6000"));
    expect(readFileSync(`${file}.previous`, "utf8")).toBe(commented);
    expect([file, `${file}.previous`].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  test("keeps quotes, flow maps and what stands beside a value", async () => {
    writeFileSync(file, commented);
    await config("set", "server.default_model", "echo");
    await config("set", "server.host", "localhost");
    await config("set", "model_aliases.slow", "echo/echo");
    const text = readFileSync(file, "utf8");
    expect(text).toContain("  default_model: 'echo'\n");
    expect(text).toContain("  host: localhost   # this machine alone\n");
    expect(text).toContain("model_aliases: { fast: echo/echo, slow: echo/echo }\n");
  });

  test("writes nothing that would be wrong, and says what, where, and how", async () => {
    writeFileSync(file, commented);
    const { code, stderr } = await config("set", "server.cert_file", "/etc/tls.crt");
    expect(code).toBe(1);
    expect(stderr).toContain("server.key_file is not");
    expect(stderr).toContain("set together: vibectl-server config set KEY VALUE KEY VALUE");
    expect(readFileSync(file, "utf8")).toBe(commented);
    expect(existsSync(`${file}.previous`)).toBe(false);
  });

  test.each([
    [["server.prot", "1"], "Did you mean server.port?"],
    [["server.port", "70000"], "a whole number from 0 to 65535"],
    [["server.port", "080"], "a whole number"],
    [["server.use_tls", "perhaps"], "true or false"],
    [["server", "5"], "server: expected a map"],
    [["providers.local", "{typ: ollama}"], "unknown key providers.local.typ; did you mean type?"],
    [["jwt.secret_key", "hunter2hunter2"], "the process list shows"],
    [["providers.openai", "{key: sk-hunter2}"], "the process list shows"],
    [["server.port"], "VALUE is missing"],
  ])("refuses %p with 2", async (args, expected) => {
    const { code, stdout, stderr } = await config("set", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).toContain("usage: vibectl-server config set");
    expect(stderr).not.toContain("hunter2");
    expect(existsSync(file)).toBe(false);
  });

  test("sets of a section what is given, and keeps the rest and the comments", async () => {
    writeFileSync(file, commented);
    const { stderr } = await config("set", "server", "{port: 6000}", "model_aliases", "{slow: echo/echo}");
    expect(stderr).toContain('server.port is 6000, model_aliases.slow is "echo/echo"');
    expect(readFileSync(file, "utf8")).toBe(
      commented.replace("50051", "6000").replace("fast: echo/echo }", "fast: echo/echo, slow: echo/echo }"),
    );
  });

  test("takes a secret from stdin, and masks it everywhere", async () => {
    const child = Bun.spawn(
      [join(import.meta.dir, "..", "..", "dist", "vibectl-server"), "config", "set", "providers.openai.key", "-"],
      {
        env: { HOME: home },
        stdin: new Response("sk-hunter2\n"),
        stderr: "pipe",
      },
    );
    expect(await child.exited).toBe(0);
    expect(await new Response(child.stderr).text()).not.toContain("hunter2");
    expect(readFileSync(file, "utf8")).toContain("sk-hunter2");
    for (const args of [
      ["show"],
      ["show", "--json", "--origin"],
      ["get", "providers.openai.key"],
      ["diff"],
      ["validate"],
    ]) {
      expect((await config(...args)).stdout).not.toContain("hunter2");
    }
    expect((await config("show", "--reveal")).stdout).toContain("sk-hunter2");
  });

  test("says when a variable wins over the file", async () => {
    const { stderr } = await go(["config", "set", "server.use_tls", "false"], { VIBECTL_TLS_ENABLED: "true" });
    expect(stderr).toContain("VIBECTL_TLS_ENABLED is set here and wins over the file");
  });
});

test("config show tells where each value comes from", async () => {
  writeFileSync(file, "server:\n  port: 6000\n");
  const { stdout } = await go(["config", "show", "server", "--origin"], { VIBECTL_TLS_ENABLED: "1" });
  expect(stdout).toContain(`port: 6000 # ${file}:2:3`);
  expect(stdout).toContain("use_tls: true # VIBECTL_TLS_ENABLED");
  expect(stdout).toContain("host: 127.0.0.1 # default");
});

test("config unset and reset take keys and sections back to their defaults", async () => {
  writeFileSync(file, commented);
  await config("unset", "server.port");
  expect(readFileSync(file, "utf8")).toBe(commented.replace("  port: 50051\n", ""));
  await config("reset", "server");
  expect((await config("get", "server.default_model")).stdout).toBe("null\n");
  await config("reset");
  expect(readFileSync(file, "utf8")).toStartWith("# yaml-language-server: $schema=./config.schema.json\n");
  expect((await config("validate")).code).toBe(0);
});

describe("config edit", () => {
  const edit = (editor: string) => go(["config", "edit"], { EDITOR: editor, PATH: process.env.PATH ?? "" });

  test("takes over what is valid", async () => {
    writeFileSync(file, commented);
    expect((await edit("sed -i s/50051/6000/")).code).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(commented.replace("50051", "6000"));
  });

  test("leaves the file alone when it would be wrong, and keeps what was written", async () => {
    writeFileSync(file, commented);
    const { code, stderr } = await edit("sed -i s/50051/many/");
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}:4:3: server.port: expected a whole number from 0 to 65535, found "many"`);
    expect(readFileSync(file, "utf8")).toBe(commented);
    const kept = /what you wrote is in (\S+\.yaml)/.exec(stderr)?.[1] ?? "";
    expect(readFileSync(kept, "utf8")).toBe(commented.replace("50051", "many"));
  });

  test("changes nothing when the editor fails", async () => {
    writeFileSync(file, commented);
    const { code, stderr } = await edit("false");
    expect(code).toBe(1);
    expect(stderr).toContain("The editor (false) ended with 1");
    expect(readFileSync(file, "utf8")).toBe(commented);
    expect(readdirSync(folder)).toEqual(["config.yaml"]);
  });

  test("makes nothing when a new file is left as it is, and the schema beside one that is not", async () => {
    rmSync(folder, { recursive: true });
    expect((await edit("true")).code).toBe(0);
    expect(existsSync(join(home, ".config"))).toBe(true);
    expect(existsSync(folder)).toBe(false);
    expect((await edit("sed -i s/50051/6000/")).code).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("port: 6000");
    expect(existsSync(join(folder, "config.schema.json"))).toBe(true);
  });
});

test("every command honours --config and VIBECTL_SERVER_CONFIG", async () => {
  const other = join(home, "other.yaml");
  writeFileSync(other, "server: { port: 7000 }\njwt: { issuer: other }\n", { mode: 0o600 });
  expect((await go(["config", "get", "server.port", "--config", other])).stdout).toBe("7000\n");
  expect((await go(["config", "path"], { VIBECTL_SERVER_CONFIG: other })).stdout).toBe(`${other}\n`);
  await go(["config", "set", "server.port", "7001"], { VIBECTL_SERVER_CONFIG: other });
  expect(readFileSync(other, "utf8")).toContain("port: 7001");
  const { stdout } = await go(["token", "create", "a"], { VIBECTL_SERVER_CONFIG: other });
  expect(JSON.parse(Buffer.from(stdout.split(".")[1] ?? "", "base64url").toString())).toMatchObject({ iss: "other" });
  expect((await go(["config", "validate", "--config", other])).stdout).toBe(`${other} is valid\n`);
  expect((await go(["config", "get", "server.port", "--config", "~/other.yaml"])).stdout).toBe("7001\n");
  expect((await go(["doctor", "--config", "~/other.yaml"])).stdout).toContain(other);
  expect((await go(["token", "list", "--config", "~/other.yaml"])).stdout).toMatch(/\ba\b.*valid/);
  const serving = await serve(["--config", other, "--log-level", "info"], { home });
  serving.kill("SIGTERM");
  expect((await serving.exited).code).toBe(0);
  expect((await go(["serve", "--config", join(home, "absent.yaml")])).stderr).toContain("absent.yaml does not exist");
  expect(existsSync(file)).toBe(false);
});

test("config commands take --file too, and not both names", async () => {
  const other = join(home, "other.yaml");
  await config("set", "server.port", "7000", "--file", other);
  expect((await config("get", "server.port", "--file", other)).stdout).toBe("7000\n");
  expect((await config("show", "server.port", "--file", other)).stdout).toBe("server:\n  port: 7000\n");
  expect((await config("get", "server.port", "--file", other, "--config", other)).code).toBe(2);
});

describe("init-config", () => {
  test("writes a file that starts a server with TLS and tokens, and its schema beside it", async () => {
    expect((await go(["init-config"])).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(folder, "config.schema.json"), "utf8"))).toMatchObject({ type: "object" });
    const serving = await serve([], { home });
    expect(serving.stdout()).toMatch(/TLS +on by .*config.yaml/);
    expect(serving.stdout()).toMatch(/Auth +on/);
    serving.kill("SIGTERM");
    expect((await serving.exited).code).toBe(0);
  });

  test("replaces a file only with --force, and keeps it", async () => {
    writeFileSync(file, commented);
    const refused = await go(["init-config"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("--force");
    expect(readFileSync(file, "utf8")).toBe(commented);
    expect((await go(["init-config", "--force"])).code).toBe(0);
    expect(readFileSync(`${file}.previous`, "utf8")).toBe(commented);
  });
});

describe("a server that others would reach", () => {
  test("does not start without TLS and tokens unless somebody says so", async () => {
    const refused = await go(["serve", "--host", "0.0.0.0", "--port", "0"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("0.0.0.0 can be reached from other machines");
    expect(refused.stderr).toContain("--no-tls --no-auth");
    const serving = await serve(["--host", "0.0.0.0", "--no-tls", "--no-auth"], { home });
    await serving.logged(
      /WARNING 0.0.0.0 can be reached from other machines, and prompts and tokens travel unencrypted/,
    );
    await serving.logged(/WARNING 0.0.0.0 can be reached from other machines, and anyone who reaches it/);
    serving.kill("SIGKILL");
    await serving.exited;
  });
});

test("a configuration file with a secret that others can read is warned of", async () => {
  writeFileSync(file, "providers: { openai: { key: sk-1 } }\n");
  chmodSync(file, 0o644);
  expect((await config("validate")).stderr).toContain(
    `${file} holds providers.openai.key, and other users can read it`,
  );
});

test("unknown keys are warned of with --lenient", async () => {
  writeFileSync(file, "server: { prot: 1 }\n");
  expect((await go(["serve"])).stderr).toContain("unknown key server.prot; did you mean port?");
  const serving = await serve(["--lenient"], { home });
  await serving.logged(/WARNING .*unknown key server.prot/);
  serving.kill("SIGKILL");
  await serving.exited;
});

test.each(["default", "jwt-spelling", "limits"])(
  "the Python server's file %s.yaml starts this server as it is",
  async (name) => {
    const path = join(import.meta.dir, "..", "fixtures", "python-server", `${name}.yaml`);
    const validated = await config("validate", "--file", path);
    expect(validated).toMatchObject({ code: 0, stdout: `${path} is valid\n` });
    expect(validated.stderr).toContain("is the old spelling of server.");
    const serving = await serve(["--config", path, "--model", "echo"], { home });
    await serving.logged(/WARNING .*jwt.enabled is the old spelling of server.require_auth/);
    serving.kill("SIGKILL");
    await serving.exited;
  },
);
