import { describe, expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import { checkClock } from "../../../../src/server/doctor/clock.ts";
import { noteServerDates } from "../../../../src/server/doctor/server-dates.ts";
import { startUpstream } from "../../../integration/providers/scripted-upstream.ts";
import { doctorHomes, told } from "./doctor-homes.ts";

const makeHome = doctorHomes();

describe("the clock", () => {
  test("is fine when nothing contradicts it", async () => {
    const { context } = makeHome({ configuration: {} });
    expect(told(await checkClock({ ...(await context()), offsets: [] }))[0]).toMatch(
      /^ok: \d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    );
  });

  test("fails when it is before this program was written", async () => {
    const { context } = makeHome({ configuration: {} });
    const now = new Date("1970-01-01T00:10:00Z");
    const [text] = told(await checkClock({ ...(await context({ now })), offsets: [] }));
    expect(text).toStartWith(
      "failed: the clock says 1970-01-01 00:10 UTC, which is before this program was written\nhint: ",
    );
  });

  test("is a warning when a file was written in its future", async () => {
    const { context, paths } = makeHome({ configuration: {} });
    const later = Date.now() / 1000 + 3 * 3600 + 10;
    utimesSync(paths.configuration, later, later);
    const [text] = told(await checkClock({ ...(await context()), offsets: [] }));
    expect(text).toContain(
      `\n${paths.configuration} was written 3 hours in the future, by this clock\nhint: Set the clock`,
    );
  });

  test("is a warning when others' clocks differ by more than 30 seconds", async () => {
    const { context } = makeHome({ configuration: {} });
    const near = [{ host: "a.example.org", offsetMs: 20_000 }];
    expect(told(await checkClock({ ...(await context()), offsets: near }))[0]).toEndWith(
      "UTC, compared with a.example.org",
    );
    const far = [...near, { host: "b.example.org", offsetMs: -40_000 }, { host: "c.example.org", offsetMs: 3_600_000 }];
    const [text] = told(await checkClock({ ...(await context()), offsets: far }));
    expect(text).toStartWith("warning: ");
    expect(text).toContain("This clock is 40 s ahead of that of b.example.org");
    expect(text).toContain("This clock is 60 minutes behind that of c.example.org");
  });

  test("is compared with the issuer of keys, where nobody else was asked, and only online", async () => {
    const date = new Date(Date.now() - 600_000).toUTCString();
    await using issuer = startUpstream(() => new Response("", { headers: { date } }));
    const jwt = { algorithm: "EdDSA", jwks_url: `${issuer.url}/keys` };
    const { context } = makeHome({ configuration: { jwt } });
    const check = async (online: boolean) => {
      const dates = noteServerDates(fetch, () => new Date());
      return told(await checkClock({ ...(await context({ online })), ...dates }))[0];
    };
    expect(await check(false)).toStartWith("ok: ");
    expect(issuer.received).toEqual([]);
    expect(await check(true)).toMatch(/^warning: [\s\S]*\nThis clock is (9|10) minutes ahead of that of 127\.0\.0\.1/);
  });
});

describe("the dates of answers", () => {
  test("are noted against the middle of the request; those out of a cache are not", async () => {
    const answers = [
      { date: "Wed, 25 Nov 2026 10:00:10 GMT" },
      { date: "Wed, 25 Nov 2026 10:00:10 GMT", age: "5" },
      {},
    ];
    await using upstream = startUpstream(() => new Response("", { headers: { date: "none", ...answers.shift() } }));
    const times = ["10:00:00", "10:00:02"].map((time) => new Date(`2026-11-25T${time}Z`));
    let asked = 0;
    const dates = noteServerDates(fetch, () => times[asked++ % 2] ?? new Date(0));
    for (let request = 0; request < 3; request++) await (await dates.fetch(upstream.url)).text();
    expect(dates.offsets).toEqual([{ host: new URL(upstream.url).host, offsetMs: 9500 }]);
  });
});
