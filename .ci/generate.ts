// Writes src/gen/: the protocol's types, and what is known of the vendors' models; and what docs/ has of the schema.
// `npm run gen`.
import { join } from "node:path";
import { getModelCapabilities } from "@ai-sdk/anthropic/internal";
import { calcPrice } from "@pydantic/genai-prices";
import { writeReference } from "./reference.ts";

const root = join(import.meta.dir, "..");
const vendors = ["anthropic", "google", "openai"] as const;

/** One entry of the catalogue, as far as it is looked at. */
interface Entry {
  id: string;
  name: string;
  kind?: string;
  input: string[];
  contextWindow: number | null;
  maxTokens: number | null;
  compat?: { supportsForcedToolChoice?: boolean };
}

/** Models that don't answer text with text, or only inside a product of their own. */
const otherPurpose =
  /(^|[-_ ])(image|audio|realtime|live|tts|transcribe|whisper|embedding|computer-use|robotics|deep-research|search-preview|moderation|customtools)([-_ ]|$)/i;

function isChatModel({ id, kind, input, contextWindow, maxTokens }: Entry): boolean {
  return kind === undefined && input.includes("text") && !otherPurpose.test(id) && !!contextWindow && !!maxTokens;
}

/** What the price list says of a model beside its price. */
function listed(vendor: string, { id }: Entry) {
  return calcPrice({}, id, { providerId: vendor })?.model;
}

/** Where the two packages differ on a model's context, the smaller is the one that can be relied on. */
function contextLength(vendor: string, entry: Entry): number {
  return Math.min(entry.contextWindow ?? 0, listed(vendor, entry)?.context_window ?? Number.POSITIVE_INFINITY);
}

function canForceTool(vendor: string, { id, compat }: Entry): boolean {
  return (
    vendor === "anthropic" &&
    compat?.supportsForcedToolChoice === true &&
    !getModelCapabilities(id).rejectsForcedToolUse
  );
}

function distill(vendor: string, entries: Record<string, Entry>) {
  return Object.values(entries)
    .filter((entry) => isChatModel(entry) && !listed(vendor, entry)?.deprecated)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((entry) => ({
      name: entry.id,
      displayName: entry.name,
      contextLength: contextLength(vendor, entry),
      maxOutputTokens: entry.maxTokens,
      ...(canForceTool(vendor, entry) ? { forcedToolChoice: true } : {}),
    }));
}

// buf empties the folder first.
const buf = Bun.spawn([join(root, "node_modules", ".bin", "buf"), "generate"], {
  cwd: root,
  env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` },
  stdout: "inherit",
  stderr: "inherit",
});
if ((await buf.exited) !== 0) process.exit(1);

const source = join(root, "node_modules", "@oh-my-pi", "pi-catalog", "src", "models.json");
const catalog: Record<string, Record<string, Entry>> = await Bun.file(source).json();
const distilled = Object.fromEntries(vendors.map((vendor) => [vendor, distill(vendor, catalog[vendor] ?? {})]));
await Bun.write(join(root, "src", "gen", "model-catalog.json"), `${JSON.stringify(distilled, null, 2)}\n`);
await writeReference();
