import type { MalformedFile } from "./malformed-file.ts";

const ofEcho = "has no meaning for a provider of type echo: remove it, or mend the type";
const ofMessages = "says how messages are sent, which the server itself does: remove it";
const ofKeys = "is where the server itself puts the API key: set that with key, key_file or keys";

/** Files whose providers and names of models are right each by itself, and don't go together. */
export const contradictionsOfModels: readonly MalformedFile[] = [
  {
    name: "one key and several",
    text: "providers:\n  openai: { key: a, keys: { b: { key: c } } }\n  anthropic: { key_file: a, keys: { b: { key: c } } }\n",
    problems: [
      "FILE:2:21: providers.openai.keys and providers.openai.key are both set: keep one of them",
      "FILE:3:29: providers.anthropic.keys and providers.anthropic.key_file are both set: keep one of them",
    ],
  },
  {
    name: "keys that hold none",
    text: "providers: { openai: { keys: { a: , b: {}, c: { weight: 1 }, d: { key: k } } } }\n",
    problems: [
      "FILE:1:32: providers.openai.keys.<a text of 1 character> has no key: set its key_file, or its key",
      "FILE:1:37: providers.openai.keys.b has no key: set its key_file, or its key",
      "FILE:1:44: providers.openai.keys.c has no key: set its key_file, or its key",
    ],
  },
  {
    name: "keys of which none has a weight",
    text: "providers: { openai: { key_choice: weighted, keys: { a: { key: k, weight: 0 }, b: { key: k, weight: 0 } } } }\n",
    problems: ["FILE:1:46: providers.openai.keys has no weight above 0, so that no key would be chosen: raise one"],
  },
  {
    name: "all of the way to a provider that echo does not go",
    text: "providers: { echo: { keys: { a: { key: b } }, key_choice: weighted, proxy: none, ca_file: a, headers: { a: b }, max_connections: 1, timeouts: { call_seconds: 1 } } }\n",
    problems: [
      `FILE:1:22: providers.echo.keys ${ofEcho}`,
      `FILE:1:47: providers.echo.key_choice ${ofEcho}`,
      `FILE:1:69: providers.echo.proxy ${ofEcho}`,
      `FILE:1:82: providers.echo.ca_file ${ofEcho}`,
      `FILE:1:94: providers.echo.headers ${ofEcho}`,
      `FILE:1:113: providers.echo.max_connections ${ofEcho}`,
      `FILE:1:133: providers.echo.timeouts ${ofEcho}`,
    ],
  },
  {
    name: "headers that the server sets itself",
    text: "providers:\n  openai:\n    headers:\n      Authorization: a\n      x-api-key: a\n      X-Goog-Api-Key: a\n      content-type: a\n      Content-Length: '1'\n      host: a\n      transfer-encoding: a\n      connection: a\n      accept-encoding: a\n      proxy-authorization: a\n",
    problems: [
      `FILE:4:7: providers.openai.headers.Authorization ${ofKeys}`,
      `FILE:5:7: providers.openai.headers.x-api-key ${ofKeys}`,
      `FILE:6:7: providers.openai.headers.X-Goog-Api-Key ${ofKeys}`,
      `FILE:7:7: providers.openai.headers.content-type ${ofMessages}`,
      `FILE:8:7: providers.openai.headers.Content-Length ${ofMessages}`,
      `FILE:9:7: providers.openai.headers.host ${ofMessages}`,
      `FILE:10:7: providers.openai.headers.transfer-encoding ${ofMessages}`,
      `FILE:11:7: providers.openai.headers.connection ${ofMessages}`,
      `FILE:12:7: providers.openai.headers.accept-encoding ${ofMessages}`,
      "FILE:13:7: providers.openai.headers.proxy-authorization is for proxies, and the server sends it itself: write http://user:password@host:port as proxy",
    ],
  },
  {
    name: "one header in two spellings",
    text: "providers: { openai: { headers: { x-team: a, X-Team: b } } }\n",
    problems: ["FILE:1:46: providers.openai.headers.X-Team and x-team are the same header: keep one of them"],
  },
  {
    name: "a route to itself",
    text: "model_routes: { a: [a, b] }\n",
    problems: ["FILE:1:17: model_routes.a leads back to itself: let it name models"],
  },
  {
    name: "a route to another route",
    text: "model_routes: { a: [{ model: b, weight: 1 }], b: [c] }\n",
    problems: ["FILE:1:17: model_routes.a names b, which is a route itself: name its models instead"],
  },
  {
    name: "an alias of a route",
    text: "model_aliases: { a: b }\nmodel_routes: { b: [c] }\n",
    problems: ["FILE:1:18: model_aliases.a names b, which is a route itself: name its models instead"],
  },
  {
    name: "a name that is an alias and a route",
    text: "model_aliases: { a: b }\nmodel_routes: { a: [c] }\n",
    problems: ["FILE:1:18: model_aliases.a and model_routes.a are both set: a name is an alias or a route"],
  },
  {
    name: "a model that stands in a route twice, once under an alias",
    text: "model_aliases: { x: c/d }\nmodel_routes: { a: [c/d, c/d], b: [x, { model: c/d }] }\n",
    problems: [
      "FILE:2:17: model_routes.a names c/d twice: remove one",
      "FILE:2:32: model_routes.b names c/d twice: remove one",
    ],
  },
  {
    name: "a route of which no model has a weight",
    text: "model_routes: { a: [{ model: b, weight: 0 }, c] }\n",
    problems: ["FILE:1:17: model_routes.a has no weight above 0: raise one, or leave all of them out"],
  },
  {
    name: "fallbacks of a name on itself, also under an alias",
    text: "model_aliases: { x: c/d }\nmodel_fallbacks: { a: [b, a], x: [c/d], '*': ['*'] }\n",
    problems: [
      "FILE:2:20: model_fallbacks.a names itself: let another model answer when it fails",
      "FILE:2:31: model_fallbacks.x names itself: let another model answer when it fails",
      "FILE:2:41: model_fallbacks.* names itself: let another model answer when it fails",
    ],
  },
  {
    name: "fallbacks that repeat a model, or name a route or every name",
    text: "model_routes: { r: [m] }\nmodel_fallbacks: { a: [b, c, b], d: [r], e: ['*'] }\n",
    problems: [
      "FILE:2:20: model_fallbacks.a names b twice: remove one",
      "FILE:2:34: model_fallbacks.d names r, which is a route itself: name its models instead",
      "FILE:2:42: model_fallbacks.e names *, which is no model: remove it",
    ],
  },
];
