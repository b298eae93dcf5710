import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultFileText } from "../../../src/config/default-file.ts";
import { formatProblem } from "../../../src/config/problems.ts";
import { VibectlError } from "../../../src/errors.ts";
import { randomNumbers } from "../../random-numbers.ts";
import { configurationFiles } from "./configuration-files.ts";

const { examine } = configurationFiles();
const rounds = Number(process.env.CONFIG_ROUNDS ?? 400);
const seed = Number(process.env.CONFIG_SEED ?? Date.now() % 2 ** 32);

const folder = join(import.meta.dir, "..", "..", "fixtures", "python-server");
const texts = [
  defaultFileText(),
  "server: { port: 1, limits: { per_token: { a: &l { max_input_length: 1 }, b: { <<: *l } } } }\ntls: { hosts: [a, 'b', \"c\"] }\n",
  "jwt:\n  issuer: |\n    a\n    b\nproviders:\n  mine: { type: openai-compatible, base_url: 'http://a', models: [x] }\n",
  ...readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")),
];
const pieces = [
  ..."\n\t {}[],:#&*!|>'\"%@`-?~\\\r\u0000\u0085\u2028\ufeff",
  ..."\n  |: |- |? |<<: *a|&a |*a|!!str |---\n|...\n|null|true|yes|010|0x1|.nan|1e9|''|__proto__: |[[|}}|server:|\\ud800|🚀".split(
    "|",
  ),
];

test(`${rounds} files with random slips are taken or refused with a sentence (CONFIG_SEED=${seed} repeats them)`, async () => {
  const numbers = randomNumbers(seed);
  const below = (count: number) => Math.floor(numbers.next().value * count);
  for (let round = 0; round < rounds; round++) {
    let text = texts[below(texts.length)] ?? "";
    for (let slips = 1 + below(3); slips > 0; slips--) {
      const at = below(text.length + 1);
      text = text.slice(0, at) + (pieces[below(pieces.length)] ?? "") + text.slice(at + below(4));
    }
    const examined = await examine({ text, lenient: below(2) === 0 }).catch((error: unknown) => {
      if (!(error instanceof VibectlError)) throw new Error(`${JSON.stringify(text)} was not read`, { cause: error });
      return undefined;
    });
    if (!examined) continue;
    expect(examined.loaded === undefined).toBe(examined.problems.length > 0);
    const lines = [...examined.problems.map(formatProblem), ...examined.warnings];
    expect(lines.filter((line) => /[^\P{Cc}]|\p{Cf}/u.test(line) || /undefined|\[object|Symbol/.test(line))).toEqual(
      [],
    );
    expect(new Set(lines).size).toBe(lines.length);
  }
}, 60_000);
