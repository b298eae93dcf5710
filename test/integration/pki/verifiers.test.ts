import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type KeyType, keyTypes } from "../../../src/pki/issuing/keys.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import {
  type Chain,
  dialled,
  leafAlone,
  makeAddressChain,
  makeConstrainedChains,
  makeDevelopmentChain,
  makeEncryptedKey,
  makeExpiredChain,
  makePrivateChains,
  makeRenewedChains,
} from "./issued-chains.ts";
import { type Answer, allRequired, type Question, type Verifier, verifiers } from "./verifiers.ts";

const top = temporaryFolder();

/** Questions of one kind, all of which have the same answer. */
interface Row {
  name: string;
  /** What is counted. */
  unit: string;
  questions: readonly Question[];
  /** What the verifiers say where they refuse. */
  reason?: RegExp;
}

function names(name: string, chain: Chain, hosts: readonly string[] = dialled): Row {
  return { name, unit: "names", questions: hosts.map((host) => ({ ...chain, purpose: "server", host })) };
}

function client(name: string, chain: Chain): Row {
  return { name, unit: "clients", questions: [{ ...chain, purpose: "client" }] };
}

function key(name: string, keyFile: string, passphrase: string): Row {
  return { name, unit: "keys", questions: [{ keyFile, passphrase }] };
}

const issuerUnknown = /unable to get local issuer|issuer is unknown|no valid issuer|candidates exhausted/;
const nameWrong = /(hostname|IP address) mismatch|does not match the expected|no matching subjectAltName/;
const purposeWrong = /(unsuitable|unsupported) certificate purpose|not match the intended purpose|required EKU/;
const expired = /certificate has expired|certificate chain uses expired|not valid at validation time/;
const constrained = /(permitted|excluded) subtree violation|violates the signer's constraints|name constraint/i;
const passphraseWrong = /bad decrypt|maybe wrong password|Decryption has failed|Incorrect password/i;

const own = new Map<KeyType, Awaited<ReturnType<typeof makePrivateChains>>>();
const matrix: Row[] = [];
for (const keyType of keyTypes) {
  const [development, chains] = await Promise.all([
    makeDevelopmentChain(join(top, `development-${keyType}`), keyType),
    makePrivateChains(join(top, `private-${keyType}`), keyType),
  ]);
  own.set(keyType, chains);
  matrix.push(names(`development CA, ${keyType}`, development), names(`private CA, ${keyType}`, chains.server));
}

const [some, other] = [own.get("p256"), own.get("p384")];
if (!some || !other) throw new Error("a CA is missing");
const held = await makeConstrainedChains(join(top, "constrained"));
const renewed = await makeRenewedChains(join(top, "renewed"));
const keyFile = await makeEncryptedKey(join(top, "encrypted"), "p256", "pass wörd");

const accepted: readonly Row[] = [
  ...matrix,
  ...[...own].map(([keyType, chains]) => client(`private CA, a client, ${keyType}`, chains.client)),
  names("private CA, one address alone", await makeAddressChain(some.options), ["192.0.2.7"]),
  names("name constraints, a name inside", held.inside, ["server.example.org"]),
  client("name constraints, a client", held.client),
  ...Object.entries(renewed).map(([name, chain]) => names(`renewed CA, ${name}`, chain)),
  key("encrypted root key", keyFile, "pass wörd"),
];

const refused: readonly Row[] = [
  { ...names("another root", { ...some.server, rootFile: other.server.rootFile }), reason: issuerUnknown },
  { ...names("no intermediate", leafAlone(some.server)), reason: issuerUnknown },
  { ...names("an expired leaf", await makeExpiredChain(join(top, "expired"))), reason: expired },
  {
    ...names("another host", some.server, ["other.example.org", "192.0.2.8", "2001:db8::8"]),
    reason: nameWrong,
  },
  {
    ...names("no instance of the wildcard", some.server, ["wild.example.org", "a.b.wild.example.org"]),
    reason: nameWrong,
  },
  { ...client("a server as a client", some.server), reason: purposeWrong },
  { ...names("name constraints, another domain", held.domain, ["server.example.com"]), reason: constrained },
  { ...names("name constraints, an address", held.address, ["192.0.2.7"]), reason: constrained },
  { ...key("a wrong passphrase", keyFile, "pass word"), reason: passphraseWrong },
];

/** All that one verifier says, by row. */
async function ask({ installed, ask: put }: Verifier): Promise<Map<Row, Answer[]>> {
  const rows = [...accepted, ...refused];
  if (!installed) return new Map();
  const answers = await put(rows.flatMap(({ questions }) => questions));
  return new Map(rows.map((row) => [row, answers.splice(0, row.questions.length)]));
}

const answers = new Map(await Promise.all(verifiers.map(async (verifier) => [verifier, await ask(verifier)] as const)));

function cellOf(row: Row, verifier: Verifier): string {
  const given = answers.get(verifier)?.get(row);
  if (!given) return "not installed";
  const content = given.filter((answer) => answer.accepted === accepted.includes(row));
  return `${content.length}/${given.length} ${row.unit}`;
}

function printTable(title: string, rows: readonly Row[]): void {
  const lines = rows.map((row) => [row.name, ...verifiers.map((verifier) => cellOf(row, verifier))]);
  const table = [[title, ...verifiers.map(({ name }) => name)], ...lines];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = table.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  process.stdout.write(`\n${text.join("\n")}\n`);
}

afterAll(() => {
  printTable("accepted", accepted);
  printTable("refused", refused);
});

describe.each(verifiers.map((verifier) => [verifier.name, verifier] as const))("%s", (name, verifier) => {
  const isSkipped = !verifier.installed && !allRequired;
  const answersTo = (row: Row) => {
    const given = answers.get(verifier)?.get(row);
    if (!given) throw new Error(`${name} is not installed, and VERIFIERS=required asks for it`);
    return given;
  };

  test.skipIf(isSkipped).each(accepted.map((row) => [row.name, row] as const))("accepts: %s", (_, row) => {
    const complaints = answersTo(row).flatMap(({ accepted: content, said }) => (content ? [] : [said]));
    expect(complaints).toEqual([]);
  });

  test.skipIf(isSkipped).each(refused.map((row) => [row.name, row] as const))("refuses: %s", (_, row) => {
    for (const { accepted: content, said } of answersTo(row)) {
      expect(content).toBe(false);
      expect(said).toMatch(row.reason ?? "");
    }
  });
});
