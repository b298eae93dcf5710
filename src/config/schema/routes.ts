import { z } from "zod";
import { field, text } from "./field.ts";

const target = z.strictObject({
  model: field(text(), { description: "A model's id or an alias" }),
  weight: field(z.number().min(0).max(1000).optional(), {
    description: "Its share of the calls; without one, or with 0, it only stands in for the others",
  }),
});

const listAllowed = "a list of one model or more";

/** The map `model_routes`. */
export const modelRoutes = field(
  z
    .record(
      text(),
      field(
        z
          .array(
            field(z.union([text(), target]), {
              description: "A model's id or an alias, alone or with its weight",
              allowed: "a model, or a map of model and weight",
            }),
          )
          .min(1),
        { description: "The models behind the name", allowed: listAllowed },
      ),
    )
    .default({}),
  {
    description:
      "Names that stand for several models: the first answers, by its place or its weight, else the next one",
    allowed: "a map of lists of models, each alone or as { model, weight }",
  },
);

/** The map `model_fallbacks`. */
export const modelFallbacks = field(
  z
    .record(
      text(),
      field(z.array(text()).min(1), {
        description: "The models that answer instead, best first",
        allowed: listAllowed,
      }),
    )
    .default({}),
  {
    description: "Models that answer when those behind a name fail; the name * is for every one",
    allowed: "a map of lists of models",
  },
);
