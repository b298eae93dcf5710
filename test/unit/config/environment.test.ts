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
    for (const { path } of configurationKeys().filter(({ path }) => path[0] === "providers" && path.length === 3)) {
      const field = path[2] ?? "";
      const isOfEcho = /delay|fail/.test(field);
      const name = isOfEcho ? "echo" : "my-own";
      const start = isOfEcho ? "type: echo" : "type: openai-compatible, base_url: 'http://a'";
      const good = {
        base_url: "http://b",
        models: "a, b",
        structured_outputs: "on",
        type: isOfEcho ? "echo" : "openai-compatible",
      };
      const text = good[field as keyof typeof good] ?? "7";
      const variable = `VIBECTL_SERVER_PROVIDERS_${name.toUpperCase().replace("-", "_")}_${field.toUpperCase()}`;
      const { loaded, problems } = await examine({
        text: `providers: { ${name}: { ${start} } }`,
        environment: { [variable]: text },
      });
      expect(problems).toEqual([]);
      expect(loaded?.originOf(["providers", name, field])).toBe(variable);
      expect(valueAt(loaded?.configuration, ["providers", name, field])).toBeDefined();
    }
  });

  test("and no two keys share a variable", () => {
    const all = keys.flatMap(variablesOf);
    expect(new Set(all).size).toBe(all.length);
    expect(variableOf(["server", "limits", "global", "max_input_length"])).toBe(
      "VIBECTL_SERVER_SERVER_LIMITS_GLOBAL_MAX_INPUT_LENGTH",
    );
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
