import { expect, test } from "bun:test";
import { checkEnvironment } from "../../../../src/server/doctor/environment.ts";
import { checkVersion } from "../../../../src/server/doctor/version.ts";
import { told } from "./doctor-homes.ts";

test("variables are told by their names alone", async () => {
  const environment = {
    VIBECTL_JWT_SECRET: "canary",
    HTTPS_PROXY: "http://user:canary@proxy",
    HTTP_PROXY: "",
    PATH: "/",
  };
  expect(told(await checkEnvironment({ environment }))).toEqual([
    "ok: set: VIBECTL_JWT_SECRET\nCalls to providers heed HTTPS_PROXY",
  ]);
});

test("providers' certificates that are not verified are a warning", async () => {
  const [text] = told(await checkEnvironment({ environment: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } }));
  expect(text).toStartWith("warning: no variable of vibectl's is set\nNODE_TLS_REJECT_UNAUTHORIZED is 0");
});

test("the version and the platform are told", async () => {
  const [text] = told(await checkVersion());
  expect(text).toMatch(/^ok: vibectl-server \d+\.\d+\.\d+ \(\S+\) on Bun \S+, \S+ \S+$/);
});
