import { stat } from "node:fs/promises";
import { keyFilesOf } from "../../config/provider-keys.ts";
import { type ProviderSettings, resolveProviders } from "../../config/provider-settings.ts";
import { ModelError, VibectlError } from "../../errors.ts";
import { createRedactor } from "../../providers/redact.ts";
import { secretsOf } from "../../providers/vendor-access.ts";
import { formatSpan } from "../../time.ts";
import { isLoopback } from "../exposure.ts";
import type { AskingContext } from "./context.ts";
import { counted } from "./counted.ts";
import { type Finding, failed, failureOf, okUnless, warning } from "./finding.ts";
import { openProvider, openTransport } from "./provider-way.ts";
import { countVendorModels, hasCatalogue } from "./vendor-list.ts";

/** Milliseconds until a provider has to have answered. */
const timeoutMs = 10_000;

/** What a provider was asked, and what came of it. */
interface Answer {
  /** To follow the summary. */
  told: string;
  warnings: readonly string[];
}

/** The address without what may be a credential. */
function describeAddress(settings: ProviderSettings): string {
  const { baseUrl } = settings;
  const url = baseUrl === undefined ? null : URL.parse(baseUrl);
  return url ? `, at ${createRedactor(secretsOf(settings))(`${url.origin}${url.pathname}`)}` : "";
}

function addressWarnings({ baseUrl }: ProviderSettings): string[] {
  const url = baseUrl === undefined ? null : URL.parse(baseUrl);
  if (url?.protocol !== "http:" || isLoopback(url.hostname)) return [];
  return ["Its address is http: the key and the prompts travel unencrypted"];
}

/** Only the file's own user can change its mode; secrets that others have put there are as they want them. */
async function keyFileWarnings(name: string, { loaded }: AskingContext): Promise<string[]> {
  if (process.platform === "win32") return [];
  const files = keyFilesOf(loaded.configuration.providers[name] ?? {});
  const found = await Promise.all(files.map(async (file) => ({ file, stats: await stat(file) })));
  return found
    .filter(({ stats: { mode, uid } }) => (mode & 0o077) !== 0 && uid === process.getuid?.())
    .map(({ file }) => `Other users can get at ${file}: chmod 600 ${file}`);
}

/** The list is asked for also where the configuration names the models: what it names should be in it. */
async function list(settings: ProviderSettings, context: AskingContext, signal: AbortSignal): Promise<Answer> {
  const { models: wanted, ...rest } = settings;
  if (hasCatalogue(settings)) {
    const count = await countVendorModels(settings, { transport: await openTransport(settings, context), signal });
    return { told: `, ${counted(count, "model")} at the vendor's`, warnings: [] };
  }
  const listed = await (await openProvider(rest, context)).models(signal);
  const names = new Set(listed.map(({ name }) => name));
  const missing = (wanted ?? []).filter((name) => !names.has(name));
  const told = `, ${counted(listed.length, "model")}`;
  return { told, warnings: missing.length > 0 ? [`Its list does not have ${missing.join(", ")}`] : [] };
}

async function askWithKey(settings: ProviderSettings, context: AskingContext): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await list(settings, context, signal);
  } catch (error) {
    if (signal.aborted) {
      const hint = "Check its address, and whether this machine reaches it.";
      throw new ModelError("PROVIDER_TIMEOUT", `${settings.name}: no answer within ${formatSpan(timeoutMs)}`, { hint });
    }
    const withoutList = error instanceof ModelError && error.code === "PROVIDER_PROTOCOL";
    if (withoutList && (settings.models || hasCatalogue(settings))) {
      return { told: "", warnings: ["It answers, but gives no list of models: its key was not tried"] };
    }
    throw error;
  }
}

/** Calls go by each of the keys: one that fails is told, and fails the provider where it is the only one. */
async function ask(settings: ProviderSettings, context: AskingContext): Promise<Answer> {
  const { keys } = settings;
  if (keys.length < 2) return await askWithKey(settings, context);
  const outcomes = await Promise.allSettled(keys.map(({ key }) => askWithKey({ ...settings, key }, context)));
  const answer = outcomes.find((outcome) => outcome.status === "fulfilled")?.value;
  const failures = outcomes.flatMap((outcome, index) => {
    if (outcome.status === "fulfilled") return [];
    if (!answer || !(outcome.reason instanceof VibectlError)) throw outcome.reason;
    return [`Its key ${keys[index]?.label} can't be used: ${outcome.reason.message}`];
  });
  if (!answer) throw new TypeError(`${settings.name} has no keys`);
  return { ...answer, warnings: [...answer.warnings, ...failures] };
}

async function settingsOf(name: string, { loaded }: AskingContext): Promise<ProviderSettings> {
  const { configuration, originOf } = loaded;
  const alone = { ...configuration, providers: { [name]: configuration.providers[name] } };
  const [settings] = await resolveProviders({ configuration: alone, originOf });
  if (!settings) throw new TypeError(`providers.${name} has gone`);
  return settings;
}

function describe(settings: ProviderSettings): string {
  const { name, type, keys } = settings;
  const sources = keys.map(({ label, keySource }) => (keys.length > 1 ? `${label} from ${keySource}` : keySource));
  const key = keys.length === 0 ? "no key" : `${keys.length > 1 ? "keys" : "key from"} ${sources.join(", ")}`;
  return `${name}: ${type}, ${key}${describeAddress(settings)}`;
}

/** A provider that can't be used is a finding of its own: the others are looked at all the same. */
async function examine(name: string, context: AskingContext): Promise<Finding> {
  let description: string[] = [];
  try {
    const settings = await settingsOf(name, context);
    description = [describe(settings)];
    const { told, warnings } = context.online ? await ask(settings, context) : { told: "", warnings: [] };
    const known = [...addressWarnings(settings), ...(await keyFileWarnings(name, context))];
    return okUnless([...known, ...warnings], `${describe(settings)}${told}`);
  } catch (error) {
    if (!(error instanceof VibectlError)) throw error;
    const { summary, details, hint } = failureOf(error);
    const named = summary.includes(name) ? summary : `${name}: ${summary}`;
    return failed(named, { details: [...description, ...details], hint });
  }
}

/** Checks each provider: its key, its address, and online its list of models. */
export async function checkProviders(context: AskingContext): Promise<Finding[]> {
  const names = Object.keys(context.loaded.configuration.providers);
  if (names.length > 0) return await Promise.all(names.map((name) => examine(name, context)));
  const hint = "Set one of ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, or add an entry to `providers`.";
  return [warning("there is none: only the built-in echo answers", { hint })];
}
