import { beforeEach, describe, expect, test } from "bun:test";
import { Breaker, type BreakerState, type Pass } from "../../../../src/proxy/routing/breaker.ts";
import { randomNumbers } from "../../../random-numbers.ts";

let now = 0;
let states: BreakerState[] = [];
let breaker: Breaker;

beforeEach(() => {
  now = 1000;
  states = [];
  breaker = new Breaker(
    { failures: 3, openMs: 100 },
    () => now,
    (state) => states.push(state),
  );
});

function enter(): Pass {
  const pass = breaker.enter();
  if (!pass) throw new Error(`it is ${breaker.state}`);
  return pass;
}

function failTimes(count: number): void {
  for (let failure = 0; failure < count; failure++) enter().fail();
}

test("a breaker opens at the given number of failures in a row, and lets nothing through", () => {
  failTimes(2);
  expect(breaker.state).toBe("closed");
  failTimes(1);
  expect(breaker.state).toBe("open");
  expect(breaker.enter()).toBeUndefined();
  expect(breaker.retryAfterMs).toBe(100);
  expect(states).toEqual(["open"]);
});

test("a success in between begins the count anew, and a call that tells nothing changes nothing", () => {
  failTimes(2);
  enter().succeed();
  failTimes(2);
  enter().leave();
  expect(breaker.state).toBe("closed");
  failTimes(1);
  expect(breaker.state).toBe("open");
});

describe("after its time,", () => {
  beforeEach(() => {
    failTimes(3);
    now += 100;
  });

  test("it lets one call through at a time", () => {
    expect(breaker.state).toBe("half_open");
    const trial = enter();
    expect(breaker.enter()).toBeUndefined();
    trial.leave();
    expect(breaker.enter()).toBeDefined();
  });

  test("it closes when the trial succeeds", () => {
    enter().succeed();
    expect(breaker.state).toBe("closed");
    failTimes(2);
    expect(breaker.state).toBe("closed");
    expect(states).toEqual(["open", "half_open", "closed"]);
  });

  test("it stays open twice as long after each trial that fails, up to ten times", () => {
    const waits: number[] = [];
    for (let trial = 0; trial < 6; trial++) {
      enter().fail();
      waits.push(breaker.retryAfterMs);
      now += breaker.retryAfterMs;
    }
    expect(waits).toEqual([200, 400, 800, 1000, 1000, 1000]);
    enter().succeed();
    failTimes(3);
    expect(breaker.retryAfterMs).toBe(100);
  });
});

test("a call from before it opened neither closes it nor makes it stay open longer", () => {
  const early = [enter(), enter(), enter()];
  failTimes(3);
  now += 50;
  early[0]?.succeed();
  early[1]?.fail();
  expect(breaker.state).toBe("open");
  expect(breaker.retryAfterMs).toBe(50);
  now += 50;
  enter().succeed();
  early[2]?.fail();
  failTimes(2);
  expect(breaker.state).toBe("closed");
});

describe("where nobody else is left to ask,", () => {
  const lastResort = { isLastResort: true };

  beforeEach(() => {
    breaker = new Breaker(
      { failures: 1, openMs: 3000 },
      () => now,
      (state) => states.push(state),
    );
    enter().fail();
  });

  test("a trial comes before its time, one after the other and not at once", () => {
    expect(breaker.enter(lastResort)).toBeUndefined();
    now += 100;
    expect(breaker.enter()).toBeUndefined();
    const trial = breaker.enter(lastResort);
    expect(trial).toBeDefined();
    now += 100;
    expect(breaker.enter(lastResort)).toBeUndefined();
    trial?.succeed();
    expect(breaker.state).toBe("closed");
  });

  test("a trial that fails before its time does not put off the next one of the others", () => {
    now += 100;
    breaker.enter(lastResort)?.fail();
    expect(breaker.enter(lastResort)).toBeUndefined();
    expect(breaker.retryAfterMs).toBe(2900);
    now += 2900;
    enter().succeed();
    expect(breaker.state).toBe("closed");
  });
});

test("a trial whose answer nobody reads to its end makes way for another one, and says nothing any more", () => {
  failTimes(3);
  now += 100;
  const unread = enter();
  now += 99;
  expect(breaker.enter()).toBeUndefined();
  now += 1;
  const next = enter();
  unread.fail();
  unread.leave();
  expect(breaker.enter()).toBeUndefined();
  next.succeed();
  expect(breaker.state).toBe("closed");
});

test("trials before their time are not told of, but for one that succeeds", () => {
  failTimes(3);
  now += 50;
  breaker.enter({ isLastResort: true })?.fail();
  now += 10;
  breaker.enter({ isLastResort: true })?.succeed();
  expect(states).toEqual(["open", "closed"]);
});

/** A breaker as the server has it where nothing is configured. */
function usual(): Breaker {
  return new Breaker(
    { failures: 5, openMs: 15_000 },
    () => now,
    (state) => states.push(state),
  );
}

test("a target of which one call in five fails at random stays closed", () => {
  breaker = usual();
  const numbers = randomNumbers(11);
  let longest = 0;
  let inARow = 0;
  for (let call = 0; call < 5000; call++) {
    const isFailure = numbers.next().value < 0.2;
    inARow = isFailure ? inARow + 1 : 0;
    longest = Math.max(longest, inARow);
    if (isFailure) enter().fail();
    else enter().succeed();
  }
  expect(longest).toBeGreaterThanOrEqual(5);
  expect(states).toEqual([]);
});

test("a target that was well opens when half of its latest calls have failed, the last of them in a row", () => {
  breaker = usual();
  for (let call = 0; call < 100; call++) enter().succeed();
  failTimes(14);
  expect(breaker.state).toBe("closed");
  failTimes(1);
  expect(breaker.state).toBe("open");
});
