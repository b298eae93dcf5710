import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "citty";
import { completionScripts, shells } from "../../../src/cli/completion-scripts.ts";
import { completeWords } from "../../../src/cli/completion-words.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { completionTree } from "./completion-tree.ts";

async function fitting(...words: string[]): Promise<readonly string[] | string> {
  const found = await completeWords(completionTree, words);
  return typeof found === "string" ? found : found.map(({ word }) => word);
}

describe("what fits", () => {
  test.each<[string[], string[] | string]>([
    [[""], ["serve", "ca", "completion", "help"]],
    [["c"], ["ca", "completion"]],
    [["-"], ["--help"]],
    [
      ["ca", ""],
      ["init", "get"],
    ],
    [["ca", "i"], ["init"]],
    [["help", "s"], ["serve"]],
    [
      ["help", "ca", ""],
      ["init", "get"],
    ],
    [["help", "serve", ""], []],
    [["sevre", ""], []],
    [
      ["serve", "--f"],
      ["--format", "--from"],
    ],
    [["serve", "--t"], ["--tls"]],
    [["serve", "--n"], ["--no-tls"]],
    [
      ["serve", "--tls", "--"],
      ["--format", "--level", "--from", "--san"],
    ],
    [["serve", "--no-tls", "--n"], []],
    [["serve", "--format", "text", "--f"], ["--from"]],
    [["serve", "--san", "a", "--s"], ["--san"]],
    [
      ["serve", "--format", ""],
      ["text", "json"],
    ],
    [["serve", "--format", "j"], ["json"]],
    [["serve", "--format=j"], ["--format=json"]],
    [
      ["serve", "--level", ""],
      ["low", "high"],
    ],
    [["serve", "--from", "a"], "files"],
    [["serve", "--from=a"], "files"],
    [["serve", "--tls="], []],
    [["serve", "--nothing="], []],
    [["serve", "--__proto__="], []],
    [["serve", "--san", ""], []],
    [
      ["serve", "--"],
      ["--format", "--level", "--from", "--san", "--tls", "--no-tls", "--help"],
    ],
    [["serve", "--", "--f"], []],
    [["ca", "init", ""], "folders"],
    [
      ["ca", "get", ""],
      ["host", "port"],
    ],
    [["ca", "get", "p"], ["port"]],
    [
      ["ca", "get", "port", ""],
      ["--json", "--help"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [[], ["serve", "ca", "completion", "help"]],
  ])("behind %p: %p", async (words, expected) => {
    expect(await fitting(...words)).toEqual(expected);
  });

  test("loads no command but the one that is named", async () => {
    const loaded: string[] = [];
    const command = (name: string) => () => {
      loaded.push(name);
      return defineCommand({ meta: { name, description: name }, args: { flag: { type: "boolean" } } });
    };
    const tree = defineCommand({ meta: { name: "tree" }, subCommands: { one: command("one"), two: command("two") } });
    await completeWords(tree, ["one", "--"]);
    expect(loaded).toEqual(["one"]);
  });
});

const folder = temporaryFolder();
const source = join(import.meta.dir, "../../../src/cli");
const entry = join(folder, "entry.ts");
writeFileSync(
  entry,
  `import { invoke } from ${JSON.stringify(join(source, "invoke.ts"))};
   import { completionTree } from ${JSON.stringify(join(import.meta.dir, "completion-tree.ts"))};
   await invoke(completionTree, process.argv.slice(2), { print: () => undefined, version: "" });`,
);
mkdirSync(join(folder, "bin"));
mkdirSync(join(folder, "sub"));
writeFileSync(join(folder, "file.pem"), "");
writeFileSync(join(folder, "bin", "vibectl-server"), `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`, {
  mode: 0o755,
});

async function run(command: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { HOME: folder, PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const child = Bun.spawn(command, { cwd: folder, env, stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, stderr };
}

function scriptFile(shell: (typeof shells)[number]): string {
  const path = join(folder, `completion.${shell}`);
  writeFileSync(path, completionScripts[shell]);
  return path;
}

describe.each([...shells])("%s", (shell) => {
  test("is given its script", async () => {
    const { code, stdout } = await run(["vibectl-server", "completion", shell]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: completionScripts[shell] });
  });

  const installed = Bun.which(shell) !== null;
  test.skipIf(!installed)(`takes the script${installed ? "" : ` (skipped: there is no ${shell} here)`}`, async () => {
    expect(await run([shell, "-n", scriptFile(shell)])).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

test("another shell is refused", async () => {
  const { code, stderr } = await run(["vibectl-server", "completion", "tcsh"]);
  expect(code).toBe(1);
  expect(stderr).toContain('SHELL is "tcsh", but may be bash, zsh, fish');
});

const hasBash = Bun.which("bash") !== null;
const hasFish = Bun.which("fish") !== null;

describe.skipIf(!hasBash)(`a real bash${hasBash ? "" : " (skipped: there is none here)"}`, () => {
  /** @param words - As bash takes the line apart: at = and : too. */
  async function complete(line: string, words: string[]): Promise<string[]> {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const { stdout } = await run([
      "bash",
      "-c",
      `source '${scriptFile("bash")}'
       compopt() { echo "compopt $*"; }
       COMP_LINE='${line}' COMP_POINT=${line.length} COMP_WORDS=(${quoted}) COMP_CWORD=${words.length - 1}
       _vibectl_server
       printf '%s\n' "\${COMPREPLY[@]}"`,
    ]);
    return stdout.split("\n").filter((each) => each !== "" && each !== "compopt -o nosort");
  }

  test.each<[string, string[], string[]]>([
    ["vibectl-server ", ["vibectl-server", ""], ["serve", "ca", "completion", "help"]],
    ["vibectl-server ca i", ["vibectl-server", "ca", "i"], ["init"]],
    ["vibectl-server serve --format=", ["vibectl-server", "serve", "--format", "="], ["text", "json"]],
    ["vibectl-server serve --format=j", ["vibectl-server", "serve", "--format", "=", "j"], ["json"]],
    [
      "vibectl-server serve --san ::1 --f",
      ["vibectl-server", "serve", "--san", "::", "1", "--f"],
      ["--format", "--from"],
    ],
    ["vibectl-server serve --from ", ["vibectl-server", "serve", "--from", ""], ["compopt -o default"]],
    ["vibectl-server ca init ", ["vibectl-server", "ca", "init", ""], ["compopt -o dirnames"]],
    ["/no/such/vibectl-server ca g", ["/no/such/vibectl-server", "ca", "g"], ["get"]],
    ["~/bin/vibectl-server ca g", ["~/bin/vibectl-server", "ca", "g"], ["get"]],
  ])("completes %p", async (line, words, expected) => {
    expect(await complete(line, words)).toEqual(expected);
  });

  test("evaluates nothing of what was typed", async () => {
    const words = ["vibectl-server", "serve", "--san", "$(touch pwned)", "--f"];
    expect(await complete(words.join(" "), words)).toEqual(["--format", "--from"]);
    expect(await Bun.file(join(folder, "pwned")).exists()).toBe(false);
  });
});

describe.skipIf(!hasFish)(`a real fish${hasFish ? "" : " (skipped: there is none here)"}`, () => {
  test.each<[string, string[]]>([
    ["vibectl-server ca ", ["init\tMakes", "get\tGets"]],
    ["vibectl-server serve --format=", ["--format=text", "--format=json"]],
    ["vibectl-server serve --from fi", ["file.pem"]],
    ["vibectl-server serve --from=fi", ["--from=file.pem"]],
    ["vibectl-server ca init s", ["sub/"]],
  ])("completes %p", async (line, expected) => {
    const { stdout } = await run(["fish", "-c", `source '${scriptFile("fish")}'; complete -C '${line}'`]);
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
  });
});
