import { z } from "zod";
import { field, nameLetters, namePattern, optionalPath, optionalText } from "./field.ts";

/** The share of a key that does not say which it has. */
export const usualWeight = 1;

/** One entry of a provider's `keys`. */
const providerKey = z.strictObject({
  key: field(optionalText(), { description: "API key", secret: true }),
  key_file: field(optionalPath(), { description: "File that holds the API key", path: true }),
  weight: field(z.number().min(0).max(1000).optional(), {
    description: "Share of the calls where key_choice is weighted; a key of weight 0 stands in for the others",
    fallback: String(usualWeight),
  }),
});

/** What a provider's entry says of several keys. */
export const severalKeys = {
  keys: field(
    z
      .record(z.string().regex(namePattern), providerKey.nullish())
      .refine((keys) => Object.keys(keys).length > 0)
      .optional(),
    {
      description: "Several API keys in place of one, each under a name of its own",
      allowed: `a map of one key or more, under names of ${nameLetters}`,
    },
  ),
  key_choice: field(z.enum(["round_robin", "weighted", "least_busy"]).optional(), {
    description: "Which of several keys the next call gets",
    fallback: "round_robin",
  }),
};
