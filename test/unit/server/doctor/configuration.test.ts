import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { checkConfiguration } from "../../../../src/server/doctor/configuration.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();

describe("the configuration", () => {
  test("is fine without a file", async () => {
    const { environment, paths } = makeHome();
    const { findings, loaded } = await checkConfiguration({ environment, paths, file: undefined });
    expect(told(findings)).toEqual([
      `ok: there is no ${paths.configuration}: the defaults are in force\nhint: To begin with a commented file: vibectl-server init-config`,
    ]);
    expect(loaded).toBeDefined();
  });

  test("is fine with a sound file", async () => {
    const { environment, paths } = makeHome({ configuration: { server: { port: 50052 } } });
    const { findings } = await checkConfiguration({ environment, paths, file: undefined });
    expect(told(findings)).toEqual([`ok: ${paths.configuration}`]);
  });

  test("fails with all of its problems at once", async () => {
    const { environment, paths } = makeHome({ configuration: { server: { prot: 1, host: 7 } } });
    const { findings, loaded } = await checkConfiguration({ environment, paths, file: undefined });
    expect(loaded).toBeUndefined();
    const [text = ""] = told(findings);
    expect(text).toStartWith("failed: 2 problems in the configuration\n");
    expect(text).toContain("did you mean port?");
    expect(text).toContain("server.host: expected");
  });

  test("fails when the file that is named does not exist", async () => {
    const { environment, paths, file } = makeHome();
    const { findings } = await checkConfiguration({ environment, paths, file: file("other.yaml") });
    expect(told(findings)[0]).toStartWith(
      `failed: The configuration file ${file("other.yaml")} does not exist\nhint: `,
    );
  });

  test("is a warning when others can write the file, or a variable sets nothing", async () => {
    const { environment, paths } = makeHome({
      configuration: {},
      environment: { VIBECTL_SERVER_PROT: "1" },
    });
    chmodSync(paths.configuration, 0o666);
    const { findings } = await checkConfiguration({ environment, paths, file: undefined });
    const [text] = told(findings);
    expect(text).toStartWith(`warning: ${paths.configuration}\n`);
    expect(text).toContain("The variable VIBECTL_SERVER_PROT sets nothing");
    expect(text).toContain(`Other users can write ${paths.configuration}: chmod go-w`);
  });
});
