import { showKey, showPath } from "../problems.ts";
import { type ProviderEntry, type ProviderType, providerTypes, typeOfProvider } from "../schema/provider.ts";
import { usualWeight } from "../schema/provider-keys.ts";
import { type Contradiction, contradiction, type Path } from "./contradiction.ts";
import { headerContradictions } from "./provider-headers.ts";

function misplaced(path: Path, type: ProviderType, entry: ProviderEntry): Contradiction[] {
  const { delay_ms, chunk_delay_ms, failure, fail_after_chunks, structured_outputs, ...usual } = entry;
  const own = type === "echo" ? usual : { delay_ms, chunk_delay_ms, failure, fail_after_chunks };
  const compatible = type === "openai-compatible" ? {} : { structured_outputs };
  return Object.entries({ ...own, ...compatible })
    .filter(([key, value]) => key !== "type" && value !== undefined && value !== null)
    .map(([key]) =>
      contradiction(
        [...path, key],
        `${showPath([...path, key])} has no meaning for a provider of type ${type}: remove it, or mend the type`,
        [
          [...path, key],
          [...path, "type"],
        ],
      ),
    );
}

function missingAddress(path: Path, type: ProviderType, entry: ProviderEntry): Contradiction[] {
  if (type !== "openai-compatible" || entry.base_url) return [];
  const text = `${showPath(path)} has no base_url: set it to the address of its API, such as http://127.0.0.1:8080/v1`;
  const about = ["type", "base_url"].map((key) => [...path, key]);
  return [contradiction(path, text, about)];
}

/** A key by itself and several under names are two ways to say the same. */
function twoWays(path: Path, entry: ProviderEntry): Contradiction[] {
  const single = (["key", "key_file"] as const).find((name) => entry[name]);
  if (!entry.keys || !single) return [];
  const [keys, other] = [
    [...path, "keys"],
    [...path, single],
  ];
  const text = `${showPath(keys)} and ${showPath(other)} are both set: keep one of them`;
  return [contradiction(keys, text, [keys, other])];
}

function severalKeys(path: Path, { keys, key_choice: choice }: ProviderEntry): Contradiction[] {
  if (!keys) return [];
  const place = [...path, "keys"];
  const entries = Object.entries(keys);
  const problems = entries
    .filter(([, entry]) => !entry?.key && !entry?.key_file)
    .map(([name, entry]) => {
      const own = [...place, name];
      return contradiction(own, `${showKey(own, entry)} has no key: set its key_file, or its key`, [
        [...own, "key"],
        [...own, "key_file"],
      ]);
    });
  const weights = entries.map(([, entry]) => entry?.weight ?? usualWeight);
  if (choice === "weighted" && weights.every((weight) => weight === 0)) {
    const text = `${showPath(place)} has no weight above 0, so that no key would be chosen: raise one`;
    problems.push(contradiction(place, text));
  }
  return problems;
}

/**
 * What is wrong with an entry of `providers`.
 *
 * @param name - The provider's.
 */
export function providerContradictions(name: string, entry: ProviderEntry): Contradiction[] {
  const type = typeOfProvider(name, entry);
  const path = ["providers", name];
  if (!type) {
    const text = `${showPath(path)} has no type, and its name is none of ${providerTypes.join(", ")}: add type: openai-compatible and base_url, or mend its name`;
    return [contradiction(path, text, [[...path, "type"]])];
  }
  const problems = [...misplaced(path, type, entry), ...missingAddress(path, type, entry)];
  if (type === "echo") return problems;
  return [...problems, ...twoWays(path, entry), ...severalKeys(path, entry), ...headerContradictions(path, entry)];
}
