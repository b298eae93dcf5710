import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

/** A certificate that a verifier is asked about. */
export interface ChainQuestion {
  /** The leaf first, then its intermediates. */
  chainFile: string;
  /** The roots that count. */
  rootFile: string;
  purpose: "server" | "client";
  /** What a client dials; of a server's alone. */
  host?: string;
}

/** An encrypted key that is to be opened. */
export interface KeyQuestion {
  keyFile: string;
  passphrase: string;
}

/** What is asked of a verifier. */
export type Question = ChainQuestion | KeyQuestion;

/** What it says. */
export interface Answer {
  accepted: boolean;
  said: string;
}

/** A program that knows certificates, and has no code in common with this server. */
export interface Verifier {
  name: string;
  installed: boolean;
  /** In the order of the questions. */
  ask: (questions: readonly Question[]) => Promise<Answer[]>;
}

const purposes = {
  server: { openssl: "sslserver", certtool: "1.3.6.1.5.5.7.3.1" },
  client: { openssl: "sslclient", certtool: "1.3.6.1.5.5.7.3.2" },
};

async function run(command: readonly string[], input = ""): Promise<{ code: number; stdout: string; said: string }> {
  const child = Bun.spawn([...command], { stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { code: await child.exited, stdout, said: stdout + stderr };
}

/** Asks one after the other, a process each. */
function oneByOne(ask: (question: Question) => Promise<Answer>): Verifier["ask"] {
  return async (questions) => {
    const answers: Answer[] = [];
    for (const question of questions) answers.push(await ask(question));
    return answers;
  };
}

async function askOpenssl(question: Question): Promise<Answer> {
  if ("keyFile" in question) {
    const pass = ["-passin", `pass:${question.passphrase}`];
    const { code, said } = await run(["openssl", "pkey", "-in", question.keyFile, "-noout", "-check", ...pass]);
    return { accepted: code === 0, said };
  }
  const { chainFile, rootFile, purpose, host } = question;
  const trust = ["-no-CApath", "-no-CAstore", "-CAfile", rootFile, "-untrusted", chainFile];
  const name = host === undefined ? [] : [isIP(host) ? "-verify_ip" : "-verify_hostname", host];
  const policy = ["-x509_strict", "-purpose", purposes[purpose].openssl, ...name];
  const { code, said } = await run(["openssl", "verify", ...policy, ...trust, chainFile]);
  return { accepted: code === 0, said };
}

async function askCerttool(question: Question): Promise<Answer> {
  if ("keyFile" in question) {
    const { code, said } = await run([
      ...["certtool", "--key-info", "--infile", question.keyFile],
      ...["--password", question.passphrase],
    ]);
    return { accepted: code === 0, said };
  }
  const { chainFile, rootFile, purpose, host } = question;
  // It takes the last certificate for the one that is trusted.
  const chain = readFileSync(chainFile, "utf8") + readFileSync(rootFile, "utf8");
  const name = host === undefined ? [] : ["--verify-hostname", host];
  const policy = ["--verify-profile", "medium", "--verify-purpose", purposes[purpose].certtool, ...name];
  const { code, said } = await run(["certtool", "--verify-chain", ...policy], chain);
  return { accepted: code === 0 && said.includes("Verified. The certificate is trusted."), said };
}

const python = process.env.VERIFIER_PYTHON ?? "python3";

/** One process for all. */
async function askPython(questions: readonly Question[]): Promise<Answer[]> {
  const { code, stdout, said } = await run([python, join(import.meta.dir, "verify.py")], JSON.stringify(questions));
  if (code !== 0) throw new Error(`verify.py failed: ${said}`);
  return JSON.parse(stdout) as Answer[];
}

function hasCryptography(): boolean {
  if (Bun.which(python) === null) return false;
  const program = "from cryptography.x509.verification import PolicyBuilder; PolicyBuilder().build_client_verifier";
  return Bun.spawnSync([python, "-c", program], { stdout: "ignore", stderr: "ignore" }).success;
}

/** Whether it is a failure that a verifier is missing. */
export const allRequired = process.env.VERIFIERS === "required";

/** OpenSSL and GnuTLS from the system; python-cryptography from the Python that `VERIFIER_PYTHON` names. */
export const verifiers: readonly Verifier[] = [
  { name: "openssl", installed: Bun.which("openssl") !== null, ask: oneByOne(askOpenssl) },
  { name: "certtool", installed: Bun.which("certtool") !== null, ask: oneByOne(askCerttool) },
  { name: "python-cryptography", installed: hasCryptography(), ask: askPython },
];
