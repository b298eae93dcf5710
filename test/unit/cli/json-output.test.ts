import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { reportAsJson, reportAsText } from "../../../src/cli/check-report.ts";
import type { Output } from "../../../src/cli/output.ts";
import type { CheckEvent } from "../../../src/client/step.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const home = temporaryFolder();
const source = join(import.meta.dir, "../../../src/cli");
const script = `
  const { invoke } = await import(${JSON.stringify(join(source, "invoke.ts"))});
  const { ca } = await import(${JSON.stringify(join(source, "ca/ca.ts"))});
  const { generateCerts } = await import(${JSON.stringify(join(source, "generate-certs.ts"))});
  const root = { meta: { name: "server" }, subCommands: { ca, "generate-certs": generateCerts } };
  await invoke(root, process.argv.slice(1), { print: console.log, version: "" });
`;

async function run(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([process.execPath, "-e", script, ...words], {
    cwd: home,
    env: { HOME: home },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, stderr };
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/;
const folder = join(home, ".config/vibectl/server");

describe("--json prints one document", () => {
  test.each<[string, object]>([
    [
      "generate-certs --hostname llm.example.org",
      { outcome: "issued", cert_file: join(folder, "certs/server.crt"), not_after: expect.stringMatching(time) },
    ],
    [
      "ca init --permit-domain example.org",
      {
        directory: join(folder, "ca"),
        root: { key_encrypted: false, not_after: expect.stringMatching(time) },
        intermediate: { cert_file: join(folder, "ca/intermediate/ca.crt"), not_after: expect.stringMatching(time) },
        permitted_domains: ["example.org"],
        replaced: null,
        warnings: [],
      },
    ],
    [
      "ca create-server-cert llm.example.org --san *.example.org",
      { kind: "server", name: "llm.example.org", hosts: ["llm.example.org", "*.example.org"] },
    ],
    [
      "ca create-client-cert ci-bot",
      { kind: "client", name: "ci-bot", hosts: [], key_file: join(folder, "ca/client_certs/ci-bot/ci-bot.key") },
    ],
    [
      "ca renew --all",
      {
        bundle_file: join(folder, "ca/ca-bundle.crt"),
        certificates: [
          { kind: "server", name: "llm.example.org", outcome: "renewed", not_after: expect.stringMatching(time) },
          { kind: "client", name: "ci-bot", outcome: "renewed", warnings: [] },
        ],
      },
    ],
    ["ca renew ci-bot", { certificates: [{ name: "ci-bot", outcome: "renewed" }] }],
    ["ca renew --days 1", { certificates: [{ outcome: "kept", not_after: expect.stringMatching(time) }, {}] }],
    ["ca renew --intermediate", { certificates: [{ kind: "intermediate", outcome: "renewed" }] }],
    ["ca renew --root", { certificates: [{ kind: "root", outcome: "renewed" }] }],
    ["ca status", { root_key: "not encrypted", certificates: [{ kind: "root", problem: null }, {}, {}, {}] }],
    ["ca check-expiry", { certificates: [] }],
    [
      "ca revoke ci-bot --reason superseded",
      { kind: "client", reason: "superseded", crl_file: join(folder, "ca/crl.pem") },
    ],
  ])("%s", async (line, expected) => {
    const { code, stdout, stderr } = await run(...line.split(" "), "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });
});

test("an error with --json is text on stderr, and stdout stays empty", async () => {
  const { code, stdout, stderr } = await run("ca", "status", "--json", "--ca-dir", "none");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("none");
});

describe("a check", () => {
  const steps = [
    { kind: "result", step: "tcp", outcome: "ok", summary: "it listens", details: ["a detail"] },
    { kind: "text", text: "he\u001b[2Jl" },
    { kind: "text", text: "lo" },
    { kind: "result", step: "prompt", outcome: "failed", summary: "it broke off", details: [], hint: "Try again." },
  ] as const satisfies readonly CheckEvent[];

  async function* events(list: readonly CheckEvent[]) {
    yield* list;
  }

  function collect(): Output & { pieces: string[] } {
    const pieces: string[] = [];
    return {
      pieces,
      colour: false,
      line: (text = "") => void pieces.push(`${text}\n`),
      foreign: (text) => void pieces.push(text),
      note: () => undefined,
    };
  }

  test("is one document of JSON at its end, the answer in one piece", async () => {
    const output = collect();
    expect(await reportAsJson("vibectl-server://localhost:1", events(steps), output)).toBe(false);
    expect(JSON.parse(output.pieces.join(""))).toEqual({
      url: "vibectl-server://localhost:1",
      sound: false,
      steps: [
        { step: "tcp", outcome: "ok", summary: "it listens", details: ["a detail"], hint: null },
        { step: "prompt", outcome: "failed", summary: "it broke off", details: [], hint: "Try again." },
      ],
      answer: "he\u001b[2Jllo",
    });
    expect(output.pieces.join("")).not.toContain("\u001b");
  });

  test("has no answer where none was asked for", async () => {
    const output = collect();
    expect(await reportAsJson("vibectl-server://localhost:1", events(steps.slice(0, 1)), output)).toBe(true);
    expect(JSON.parse(output.pieces.join(""))).toMatchObject({ sound: true, answer: null });
  });

  test("is told line by line as text", async () => {
    const output = collect();
    expect(await reportAsText(events(steps), output)).toBe(false);
    expect(output.pieces.join("")).toContain("ok    tcp             it listens\n");
    expect(output.pieces.join("")).toContain("lo\nFAIL  prompt          it broke off\n");
  });
});
