import { describe, expect, test } from "bun:test";
import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolders } from "../temporary-folder.ts";
import { executable, run } from "./executable.ts";

const freshHome = temporaryFolders();
const hasPython = Bun.which("python3") !== null;
const [ctrlC, ctrlD, backspace, ctrlU, left] = ["\u0003", "\u0004", "\u007f", "\u0015", "\u001b[D"];
const question = "Passphrase for the root's key: ";
const again = "The same once more: ";

/** What is done when a question was printed and the terminal has ceased to echo. */
type Step = { after: string } & ({ type: string; slowly?: boolean } | { signal: NodeJS.Signals } | { run: string[] });

interface Outcome {
  /** Negative where a signal ended it. */
  code: number;
  /** All that the terminal showed. */
  text: string;
  /** Whether the terminal shows afterwards what is typed. */
  echoes: boolean;
  hung: boolean;
  /** How many steps had not come to their turn. */
  left: number;
}

/** Nothing of the test's own environment reaches it. */
function commandIn(home: string, args: readonly string[]): string[] {
  return ["env", "-i", `HOME=${home}`, "TERM=xterm", executable, ...args];
}

async function onTerminal(
  home: string,
  args: readonly string[],
  steps: readonly Step[],
  columns = 80,
): Promise<Outcome> {
  const command = commandIn(home, args);
  const script = join(import.meta.dir, "terminal.py");
  const child = Bun.spawn(["python3", script, String(columns), JSON.stringify(steps), ...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const outcome: Outcome = JSON.parse(await new Response(child.stdout).text());
  expect({ ...outcome, text: "" }).toMatchObject({ hung: false });
  return outcome;
}

const initialise = (home: string, steps: readonly Step[], columns?: number) =>
  onTerminal(home, ["ca", "init", "--encrypt-root-key"], steps, columns);

const keyOf = (home: string) => readFileSync(join(home, ".config/vibectl/server/ca/root/ca.key"), "utf8");

function expectKey(home: string, passphrase: string): void {
  const key = keyOf(home);
  expect(key).toStartWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  expect(createPrivateKey({ key, passphrase }).asymmetricKeyType).toBe("ec");
}

const twice = (line: string): Step[] => [
  { after: question, type: line },
  { after: again, type: line },
];

describe.skipIf(!hasPython)("on a terminal, a new passphrase", () => {
  test("is asked for twice, encrypts the root's key, and is not shown", async () => {
    const home = freshHome();
    const { code, text, echoes } = await initialise(home, twice("s3cret phrase\r"));
    expect(code).toBe(0);
    expect(echoes).toBe(true);
    expect(text).toContain("Made a CA in");
    expect(text).not.toContain("s3cret");
    expectKey(home, "s3cret phrase");
  });

  test("that is not the same once more is asked for from the beginning", async () => {
    const home = freshHome();
    const wrong: Step[] = [
      { after: question, type: "f1rst\r" },
      { after: again, type: "s3cond\r" },
    ];
    const { code, text } = await initialise(home, [...wrong, ...twice("th1rd\r")]);
    expect(code).toBe(0);
    expect(text.split(question)).toHaveLength(3);
    expect(text).toContain("differ");
    expect(text).not.toMatch(/f1rst|s3cond|th1rd/);
    expectKey(home, "th1rd");
  });

  test("has a character at least", async () => {
    const home = freshHome();
    const { code, text } = await initialise(home, [{ after: question, type: "\r" }, ...twice("s3cret\r")]);
    expect(code).toBe(0);
    expect(text).toContain("at least one character");
    expectKey(home, "s3cret");
  });

  test.each([
    ["beyond ASCII", "pässwörd 鍵 🔑", "pässwörd 鍵 🔑"],
    ["with blanks at its ends", " a b ", " a b "],
    ["of 500 characters", "x1".repeat(250), "x1".repeat(250)],
    ["that is corrected", `sé${backspace}3x🔑${backspace}${backspace}cret`, "s3cret"],
    ["that is begun anew", `wrong${ctrlU}s3cret`, "s3cret"],
    ["with an arrow key in it", `s3${left}cret`, "s3cret"],
    ["with a tab in it", "s3\tcret", "s3cret"],
  ])("may be one %s", async (_, typed, passphrase) => {
    const home = freshHome();
    const { code, text } = await initialise(home, twice(`${typed}\r`));
    expect(code).toBe(0);
    expect(text).not.toContain(passphrase);
    expectKey(home, passphrase);
  });

  test("of more than 1000 bytes is refused, and nothing is written", async () => {
    const home = freshHome();
    const { code, text, echoes } = await initialise(home, twice(`${"x".repeat(1001)}\r`));
    expect({ code, echoes }).toEqual({ code: 1, echoes: true });
    expect(text).toContain("1001 bytes; 1000 are allowed");
    expect(text).not.toContain("xx");
    expect(readdirSync(home)).toEqual([]);
  });

  test("may come byte by byte", async () => {
    const home = freshHome();
    const steps = twice("pässwörd 鍵 🔑\r").map((step) => ({ ...step, slowly: true }));
    expect((await initialise(home, steps)).code).toBe(0);
    expectKey(home, "pässwörd 鍵 🔑");
  });

  test.each([0, 1, 20])("may be asked for on a terminal %p columns wide", async (columns) => {
    const home = freshHome();
    const { code, echoes } = await initialise(home, twice("s3cret\r"), columns);
    expect({ code, echoes }).toEqual({ code: 0, echoes: true });
    expectKey(home, "s3cret");
  });
});

describe.skipIf(!hasPython)("a question that is given up", () => {
  const begun: Step = { after: question, type: "s3cret\r" };

  test.each<[key: string, when: string, steps: Step[]]>([
    ["Ctrl-C", "at once", [{ after: question, type: ctrlC }]],
    ["Ctrl-C", "after some letters", [{ after: question, type: `s3c${ctrlC}` }]],
    ["Ctrl-C", "at the second question", [begun, { after: again, type: ctrlC }]],
    ["Ctrl-D", "at once", [{ after: question, type: ctrlD }]],
    ["Ctrl-D", "after some letters", [{ after: question, type: `s3c${ctrlD}` }]],
    ["Ctrl-D", "at the second question", [begun, { after: again, type: ctrlD }]],
  ])("by %s %s ends with 2, writes nothing, and leaves a terminal that echoes", async (_key, _when, steps) => {
    const home = freshHome();
    const { code, text, echoes } = await initialise(home, steps);
    expect({ code, echoes }).toEqual({ code: 2, echoes: true });
    expect(text).toContain("error: The question was not answered");
    expect(text).not.toContain("s3c");
    expect(text).not.toMatch(/^ +at /m);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s writes nothing, and leaves a terminal that echoes",
    async (signal) => {
      const home = freshHome();
      const { code, echoes } = await initialise(home, [{ after: question, signal }]);
      expect(code).not.toBe(0);
      expect(echoes).toBe(true);
      expect(readdirSync(home)).toEqual([]);
    },
  );
});

describe.skipIf(!hasPython)("the passphrase of a key that is there", () => {
  const renew = ["ca", "renew", "--root"];
  const asked = "Passphrase of the root's key: ";

  async function encryptedHome(): Promise<string> {
    const home = freshHome();
    const environment = { VIBECTL_CA_PASSPHRASE: "r1ght" };
    expect((await run(["ca", "init"], { home, environment })).code).toBe(0);
    return home;
  }

  test("is asked for once", async () => {
    const home = await encryptedHome();
    const { code, text, echoes } = await onTerminal(home, renew, [{ after: asked, type: "r1ght\r" }]);
    expect({ code, echoes }).toEqual({ code: 0, echoes: true });
    expect(text).toContain("Renewed the root");
    expect(text).not.toContain("r1ght");
  });

  test("that is wrong changes nothing", async () => {
    const home = await encryptedHome();
    const before = keyOf(home);
    const certificate = () => readFileSync(join(home, ".config/vibectl/server/ca/root/ca.crt"), "utf8");
    const root = certificate();
    const { code, text, echoes } = await onTerminal(home, renew, [{ after: asked, type: "wr0ng\r" }]);
    expect({ code, echoes }).toEqual({ code: 1, echoes: true });
    expect(text).toContain("error: ");
    expect(text).not.toContain("wr0ng");
    expect([keyOf(home), certificate()]).toEqual([before, root]);
  });

  test("keeps nobody else from the folder while it is asked for", async () => {
    const home = await encryptedHome();
    const steps: Step[] = [
      { after: asked, run: commandIn(home, ["ca", "create-client-cert", "alice"]) },
      { after: "", type: "r1ght\r" },
    ];
    expect(await onTerminal(home, renew, steps)).toMatchObject({ code: 0, left: 0 });
    expect(existsSync(join(home, ".config/vibectl/server/ca/client_certs/alice/alice.crt"))).toBe(true);
  });

  test("is not asked for where a file or the environment gives it", async () => {
    const home = await encryptedHome();
    const file = join(home, "passphrase");
    writeFileSync(file, "r1ght\n");
    const { code, text } = await onTerminal(home, [...renew, "--passphrase-file", file], []);
    expect(code).toBe(0);
    expect(text).not.toContain(asked);
  });
});

test("without a terminal, a passphrase that is needed is an error that says how to give it", async () => {
  const home = freshHome();
  const { code, stderr } = await run(["ca", "init", "--encrypt-root-key"], { home });
  expect(code).toBe(2);
  expect(stderr).toContain("no terminal");
  expect(stderr).toContain("--passphrase-file");
  expect(existsSync(join(home, ".config"))).toBe(false);
});
