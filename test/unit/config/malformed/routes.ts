import type { MalformedFile } from "./malformed-file.ts";

const list = "expected a list of one model or more, found";
const model = "expected a model, or a map of model and weight, found";

/** Files with wrong routes, fallbacks, retries, breakers and workers. */
export const routes: readonly MalformedFile[] = [
  {
    name: "a list of routes",
    text: "model_routes: [a]\n",
    problems: [
      "FILE:1:1: model_routes: expected a map of lists of models, each alone or as { model, weight }, found a list",
    ],
  },
  {
    name: "routes that are no lists of models",
    text: "model_routes:\n  a: []\n  b: x\n  c: { model: x }\n  d:\n  e: 5\n",
    problems: [
      `FILE:2:3: model_routes.a: ${list} an empty list`,
      `FILE:3:3: model_routes.b: ${list} "x"`,
      `FILE:4:3: model_routes.c: ${list} a map`,
      `FILE:5:3: model_routes.d: ${list} null`,
      `FILE:6:3: model_routes.e: ${list} 5`,
    ],
  },
  {
    name: "items of a route that are no models",
    text: "model_routes:\n  a: [1, '', [x], null, true]\n",
    problems: [
      `FILE:2:7: model_routes.a.0: ${model} 1 (put it in quotes)`,
      `FILE:2:10: model_routes.a.1: ${model} an empty text`,
      `FILE:2:14: model_routes.a.2: ${model} a list`,
      `FILE:2:19: model_routes.a.3: ${model} null`,
      `FILE:2:25: model_routes.a.4: ${model} true (put it in quotes)`,
    ],
  },
  {
    name: "weights that are none",
    text: "model_routes:\n  a: [{ model: x, weight: -1 }, { model: y, weight: 1001 }, { model: z, weight: '3' }]\n",
    problems: [
      "FILE:2:19: model_routes.a.0.weight: expected a number from 0 to 1000, found -1",
      "FILE:2:45: model_routes.a.1.weight: expected a number from 0 to 1000, found 1001",
      'FILE:2:73: model_routes.a.2.weight: expected a number from 0 to 1000, found "3" (remove the quotes)',
    ],
  },
  {
    name: "an item of a route without its model, one with a wrong key and one with both",
    text: "model_routes:\n  a:\n    - { weight: 3 }\n    - { model: x, wieght: 3 }\n    - { modell: 5, weight: 1 }\n    - { model: [x] }\n",
    problems: [
      "FILE:3:7: model_routes.a.0.model: expected text, found nothing",
      "FILE:4:19: unknown key model_routes.a.1.wieght; did you mean weight?",
      "FILE:5:7: model_routes.a.2.model: expected text, found nothing",
      "FILE:5:9: unknown key model_routes.a.2.modell; did you mean model?",
      "FILE:6:9: model_routes.a.3.model: expected text, found a list",
    ],
  },
  {
    name: "a route without a name",
    text: "model_routes: { '': [x] }\n",
    problems: ['FILE:1:17: model_routes."": a name is missing'],
  },
  {
    name: "fallbacks that are no lists of models",
    text: "model_fallbacks:\n  a: []\n  b: x\n  c: [1]\n  d: [{ model: x }]\n  e:\n",
    problems: [
      `FILE:2:3: model_fallbacks.a: ${list} an empty list`,
      `FILE:3:3: model_fallbacks.b: ${list} "x"`,
      "FILE:4:7: model_fallbacks.c.0: expected text, found 1 (put it in quotes)",
      "FILE:5:7: model_fallbacks.d.0: expected text, found a map",
      `FILE:6:3: model_fallbacks.e: ${list} null`,
    ],
  },
  {
    name: "retries out of range, of a wrong kind and of another name",
    text: "retries:\n  max_retries: 11\n  base_delay_ms: -1\n  max_delay_ms: 5s\n  budget_percent: many\n  max_delay: 5\n",
    problems: [
      "FILE:2:3: retries.max_retries: expected a whole number from 0 to 10, found 11",
      "FILE:3:3: retries.base_delay_ms: expected a whole number from 0 to 60000, found -1",
      'FILE:4:3: retries.max_delay_ms: expected a whole number from 0 to 600000, found "5s"',
      'FILE:5:3: retries.budget_percent: expected a number from 0 to 1000, found "many"',
      "FILE:6:3: unknown key retries.max_delay; did you mean max_delay_ms?",
    ],
  },
  {
    name: "a breaker that never opens",
    text: "breaker: { failures: 0, open_seconds: 0 }\n",
    problems: [
      "FILE:1:12: breaker.failures: expected a whole number from 1 to 1000, found 0",
      "FILE:1:25: breaker.open_seconds: expected a number from 0.05 to 3600, found 0",
    ],
  },
  {
    name: "no workers",
    text: "server: { max_workers: 0, max_queued: -1 }\n",
    problems: [
      "FILE:1:11: server.max_workers: expected a whole number from 1 to 100000, found 0",
      "FILE:1:27: server.max_queued: expected a whole number from 0 to 100000, found -1",
    ],
  },
  {
    name: "half a worker, and many in a word",
    text: "server: { max_workers: 1.5, max_queued: many }\n",
    problems: [
      "FILE:1:11: server.max_workers: expected a whole number from 1 to 100000, found 1.5",
      'FILE:1:29: server.max_queued: expected a whole number from 0 to 100000, found "many"',
    ],
  },
];
