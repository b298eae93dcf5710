import { describe, expect, test } from "bun:test";
import { variableOf, variablesOf } from "../../../src/config/environment.ts";
import { anyName, type ConfigurationKey, configurationKeys } from "../../../src/config/keys.ts";
import { formatPath, valueAt } from "../../../src/config/tree.ts";
import { configurationFiles } from "./configuration-files.ts";
import { companionsOf, goodValueOf } from "./good-values.ts";
import { malformedVariables } from "./malformed/variables.ts";

const { examine, problemsOf } = configurationFiles();

const keys = configurationKeys().filter(({ path }) => !path.includes(anyName));
const named = (key: ConfigurationKey) => [formatPath(key.path), key] as const;

describe("a variable is refused by its name that is", () => {
  test.each(malformedVariables)("$name", async ({ environment, problems, text }) => {
    expect(await problemsOf({ environment, ...(text === undefined ? {} : { text }) })).toEqual([...problems]);
  });

  test("one of a table of more than forty", () => {
    expect(malformedVariables.length).toBeGreaterThan(40);
  });
});

describe("every key is set by each of its variables:", () => {
  test.each(keys.map(named))("%s", async (_name, key) => {
    const [text, value] = goodValueOf(key);
    for (const variable of variablesOf(key)) {
      const { loaded, problems } = await examine({ environment: { ...companionsOf(key), [variable]: text } });
      expect(problems).toEqual([]);
      expect(valueAt(loaded?.configuration, key.path)).toEqual(value);
      expect(loaded?.originOf(key.path)).toBe(variable);
    }
  });

  test("and so is every key of a provider", async () => {
    const ofProviders = configurationKeys().filter(({ path }) => path[0] === "providers" && path.length > 2);
    for (const { path } of ofProviders) {
      const field = path.slice(2).join(".").replace(anyName, "main");
      const isOfEcho = /delay|fail/.test(field);
      const name = isOfEcho ? "echo" : "my-own";
      const beside = /^keys\..*weight$/.test(field) ? ", keys: { main: { key: k } }" : "";
      const start = isOfEcho ? "type: echo" : `type: openai-compatible, base_url: 'http://a'${beside}`;
      const good = {
        base_url: "http://b",
        models: "a, b",
        structured_outputs: "on",
        type: isOfEcho ? "echo" : "openai-compatible",
        keys: "{ main: { key: k } }",
        key_choice: "weighted",
        proxy: "none",
        headers: "{ x-team: a }",
      };
      const text = good[field as keyof typeof good] ?? "7";
      const inVariable = (part: string) => part.toUpperCase().replaceAll(/[-.]/g, "_");
      const variable = `VIBECTL_SERVER_PROVIDERS_${inVariable(name)}_${inVariable(field)}`;
      const { loaded, problems } = await examine({
        text: `providers: { ${name}: { ${start} } }`,
        environment: { [variable]: text },
      });
      expect(problems).toEqual([]);
      const whole = ["providers", name, ...field.split(".")];
      expect([field, loaded?.originOf(whole)]).toEqual([field, variable]);
      expect(valueAt(loaded?.configuration, whole)).toBeDefined();
    }
    expect(ofProviders.length).toBeGreaterThan(20);
  });

  test("and no two keys share a variable", () => {
    const all = keys.flatMap(variablesOf);
    expect(new Set(all).size).toBe(all.length);
    expect(variableOf(["server", "limits", "global", "max_input_length"])).toBe(
      "VIBECTL_SERVER_SERVER_LIMITS_GLOBAL_MAX_INPUT_LENGTH",
    );
  });
});

describe("a variable of one key of a provider", () => {
  const prefix = "VIBECTL_SERVER_PROVIDERS";

  test("finds the provider's name and the key's, as the file writes them", async () => {
    const text = "providers: { my-own: { type: openai, keys: { team-a: { key: weak }, b: { key: b } } } }";
    const { loaded, problems } = await examine({ text, environment: { [`${prefix}_MY_OWN_KEYS_TEAM_A_KEY`]: "k" } });
    expect(problems).toEqual([]);
    expect(loaded?.configuration.providers["my-own"]?.keys).toEqual({ "team-a": { key: "k" }, b: { key: "b" } });
  });

  test("is one of a provider that another variable names", async () => {
    const environment = { [`${prefix}_MINE_KEYS_A_KEY`]: "k", [`${prefix}_MINE_TYPE`]: "openai" };
    const { loaded } = await examine({ environment });
    expect(loaded?.configuration.providers).toEqual({ mine: { type: "openai", keys: { a: { key: "k" } } } });
  });

  test("is one of a provider whose own name ends so, where there is no shorter one", async () => {
    const environment = { [`${prefix}_SPARE_KEYS_A_KEY`]: "k", [`${prefix}_SPARE_KEYS_A_TYPE`]: "openai" };
    const { loaded } = await examine({ environment });
    expect(loaded?.configuration.providers).toEqual({ spare_keys_a: { type: "openai", key: "k" } });
  });

  test("may hold a key that is deeper, of which the longest is meant", async () => {
    const environment = { [`${prefix}_OPENAI_TIMEOUTS_CONNECT_SECONDS`]: "0.5", OPENAI_API_KEY: "k" };
    const { loaded } = await examine({ environment });
    expect(loaded?.configuration.providers.openai).toEqual({ key: "k", timeouts: { connect_seconds: 0.5 } });
  });
});

describe("truths are read in the ways that people write them:", () => {
  test.each(["true", "TRUE", "1", "yes", "On", " true "])("%p is true", async (text) => {
    const { loaded } = await examine({ environment: { VIBECTL_TLS_ENABLED: text } });
    expect(loaded?.configuration.server.use_tls).toBe(true);
  });

  test.each(["false", "False", "0", "no", "OFF"])("%p is false", async (text) => {
    const { loaded } = await examine({ text: "server: { use_tls: true }", environment: { VIBECTL_TLS_ENABLED: text } });
    expect(loaded?.configuration.server.use_tls).toBe(false);
  });
});

describe("the secret's old variable", () => {
  const [current, old] = ["VIBECTL_JWT_SECRET", "VIBECTL_JWT_SECRET_KEY"];

  test("is used alone, with a warning that names the one of now", async () => {
    const { loaded, warnings } = await examine({ environment: { [old]: "s3cr3t" } });
    expect(loaded?.configuration.jwt.secret_key).toBe("s3cr3t");
    expect(warnings).toEqual([`${old} is deprecated; the variable's name is ${current}`]);
  });

  test("may say the same as the one of now", async () => {
    const { loaded, warnings } = await examine({ environment: { [old]: "s3cr3t", [current]: "s3cr3t" } });
    expect(loaded?.configuration.jwt.secret_key).toBe("s3cr3t");
    expect(loaded?.originOf(["jwt", "secret_key"])).toBe(current);
    expect(warnings).toEqual([]);
  });

  test("is refused where it says another thing, without repeating either", async () => {
    const problems = await problemsOf({ environment: { [old]: "s3cr3t-1", [current]: "s3cr3t-2" } });
    expect(problems).toEqual([`${old}: ${current} and ${old} are both set, and they differ: unset ${old}`]);
  });

  test("counts as unset where it is empty", async () => {
    const { loaded, warnings } = await examine({ environment: { [old]: "", [current]: "s3cr3t" } });
    expect(loaded?.configuration.jwt.secret_key).toBe("s3cr3t");
    expect(warnings).toEqual([]);
  });
});

describe("a variable that sets nothing is warned of", () => {
  test.each([
    ["VIBECTL_SERVER_SERVER_PROT", "VIBECTL_SERVER_SERVER_PORT"],
    ["VIBECTL_SERVER_PORT", "VIBECTL_SERVER_SERVER_PORT"],
    ["VIBECTL_SERVER_HOST", "VIBECTL_SERVER_SERVER_HOST"],
    ["VIBECTL_SERVER_JWT_ISUER", "VIBECTL_SERVER_JWT_ISSUER"],
    ["VIBECTL_SERVER_CONFG", "VIBECTL_SERVER_CONFIG"],
    ["VIBECTL_TLS_ENABELD", "VIBECTL_TLS_ENABLED"],
    ["VIBECTL_TLS_CERTFILE", "VIBECTL_TLS_CERT_FILE"],
    ["VIBECTL_JWT_SECRETS", "VIBECTL_JWT_SECRET"],
    ["VIBECTL_SERVER_MODEL_ALIAS", "VIBECTL_SERVER_MODEL_ALIASES"],
  ])("%s, and %s is named", async (variable, meant) => {
    const { warnings, loaded } = await examine({ environment: { [variable]: "s3cr3t" } });
    expect(loaded).toBeDefined();
    expect(warnings).toEqual([`The variable ${variable} sets nothing; did you mean ${meant}?`]);
  });

  test("also where none is near", async () => {
    const { warnings } = await examine({ environment: { VIBECTL_SERVER_QUITE_ANOTHER_THING_ALTOGETHER: "s3cr3t" } });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toStartWith("The variable VIBECTL_SERVER_QUITE_ANOTHER_THING_ALTOGETHER sets nothing");
  });

  test.each(["VIBECTL_SERVER_PROVIDERS_OPENAI_COLOUR", "VIBECTL_SERVER_PROVIDERS_KEY"])(
    "such as %s",
    async (variable) => {
      expect((await examine({ environment: { [variable]: "a" } })).warnings.join()).toContain(
        `${variable} sets nothing`,
      );
    },
  );
});

test("variables of others are passed over in silence", async () => {
  const { warnings, loaded } = await examine({
    environment: {
      VIBECTL_SERVER_SERVICE_HOST: "10.0.0.1",
      VIBECTL_SERVER_SERVICE_PORT: "50051",
      VIBECTL_SERVER_SERVICE_PORT_GRPC: "50051",
      VIBECTL_SERVER_PORT: "tcp://10.0.0.1:50051",
      VIBECTL_SERVER_PORT_50051_TCP: "tcp://10.0.0.1:50051",
      VIBECTL_SERVER_PORT_50051_TCP_ADDR: "10.0.0.1",
      VIBECTL_SERVER_PORT_50051_TCP_PORT: "50051",
      VIBECTL_SERVER_PORT_50051_TCP_PROTO: "tcp",
      VIBECTL_SERVER_SERVER_SERVICE_HOST: "10.0.0.2",
      VIBECTL_SERVER_SERVER_PORT: "tcp://10.0.0.2:50051",
      VIBECTL_JWT_TOKEN: "eyJ",
      VIBECTL_CA_BUNDLE: "/a",
      VIBECTL_LOG_LEVEL: "loud",
      VIBECTL_SERVER_NOTHING: "",
      PORT: "1",
    },
  });
  expect(warnings).toEqual([]);
  expect(loaded?.configuration.server.port).toBe(50051);
});
