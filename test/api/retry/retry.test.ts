import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ApiError,
  ConnectionError,
  RateLimitError,
  RedirectError,
  TimeoutError,
  UnexpectedAnswerError,
} from "../../../src/api/errors.js";
import {
  changedNothing,
  isRetriable,
  RateLimitPause,
  type RequestKind,
  RetryBudget,
  readRetryAfterMs,
  retryDelayMs,
} from "../../../src/api/retry/retry.js";

const noon = Date.UTC(2026, 0, 5, 12);
const headers = (fields: Record<string, string>) => (name: string) => fields[name];

describe("retryDelayMs", () => {
  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [6, 16_000],
    [7, 20_000],
    [40, 20_000],
    [2000, 20_000],
  ])("is evenly distributed, for the retry after attempt %i, from 0 to %i ms", (attempt, longest) => {
    expect(retryDelayMs(attempt, 0)).toBe(0);
    expect(retryDelayMs(attempt, 0.5)).toBe(longest / 2);
    expect(retryDelayMs(attempt, 0.999_999)).toBeLessThan(longest);
  });
});

describe("readRetryAfterMs", () => {
  it.each([
    ["seconds", { "retry-after": "2" }, 2000],
    ["seconds with spaces", { "retry-after": " 120 " }, 120_000],
    ["zero", { "retry-after": "0" }, 0],
    ["milliseconds, which take precedence", { "retry-after-ms": "1500", "retry-after": "9" }, 1500],
    [
      "a date, relative to the response's own Date",
      { "retry-after": "Mon, 05 Jan 2026 12:00:30 GMT", date: "Mon, 05 Jan 2026 12:00:10 GMT" },
      20_000,
    ],
    ["a date, relative to our clock", { "retry-after": "Mon, 05 Jan 2026 12:00:30 GMT" }, 30_000],
    ["a date beside an invalid Date", { "retry-after": "Mon, 05 Jan 2026 12:00:30 GMT", date: "?" }, 30_000],
    ["an obsolete date", { "retry-after": "Monday, 05-Jan-26 12:00:30 GMT" }, 30_000],
    ["a C date", { "retry-after": "Mon Jan  5 12:00:30 2026 GMT" }, 30_000],
    ["a delay too long for a timer", { "retry-after": "99999999999" }, 2 ** 31 - 1],
    ["a delay too large for a number", { "retry-after": "9".repeat(400) }, 2 ** 31 - 1],
    ["a past date", { "retry-after": "Mon, 05 Jan 2026 11:59:59 GMT" }, undefined],
    ["garbage", { "retry-after": "garbage" }, undefined],
    ["an exponent", { "retry-after": "1e9" }, undefined],
    ["a sign", { "retry-after": "-5" }, undefined],
    ["a fraction", { "retry-after": "1.5" }, undefined],
    ["a year", { "retry-after": "2099-01-01" }, undefined],
    ["an empty value", { "retry-after": "" }, undefined],
    ["garbage in ms, then seconds", { "retry-after-ms": "x", "retry-after": "3" }, 3000],
    ["no header", {}, undefined],
  ])("reads %s", (_name, fields, waitMs) => {
    expect(readRetryAfterMs(headers(fields), noon)).toBe(waitMs);
  });

  it("returns a delay that fits a timer, or undefined, even for random headers", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (after, date) => {
        const waitMs = readRetryAfterMs(headers({ "retry-after": after, date }), noon) ?? 0;
        expect(waitMs).toBeGreaterThanOrEqual(0);
        expect(waitMs).toBeLessThan(2 ** 31);
      }),
    );
  });
});

const refusedConnection = new ConnectionError("refused", { neverArrived: true });
const brokenConnection = new ConnectionError("broke", { neverArrived: false });
const noConnection = new TimeoutError("slow", { timeoutMs: 1, neverArrived: true });
const noAnswer = new TimeoutError("slow", { timeoutMs: 1, neverArrived: false });
const answered = (status: number) => new ApiError({ status, code: "c", message: "m" });

describe("the classification of failures for retries", () => {
  it.each([
    ["the request never arrived", refusedConnection, { changedNothing: true, safe: true, once: true }],
    ["the connection broke", brokenConnection, { changedNothing: false, safe: true, once: false }],
    ["the connection timed out", noConnection, { changedNothing: true, safe: true, once: true }],
    ["the response timed out", noAnswer, { changedNothing: false, safe: true, once: false }],
    ["400", answered(400), { changedNothing: true, safe: false, once: false }],
    ["401", answered(401), { changedNothing: true, safe: false, once: false }],
    ["404", answered(404), { changedNothing: true, safe: false, once: false }],
    ["408", answered(408), { changedNothing: false, safe: true, once: false }],
    ["409", answered(409), { changedNothing: true, safe: false, once: false }],
    ["429", answered(429), { changedNothing: true, safe: true, once: true }],
    ["500", answered(500), { changedNothing: false, safe: true, once: false }],
    ["501", answered(501), { changedNothing: false, safe: false, once: false }],
    ["502", answered(502), { changedNothing: false, safe: true, once: false }],
    ["503", answered(503), { changedNothing: false, safe: true, once: false }],
    ["504", answered(504), { changedNothing: false, safe: true, once: false }],
    ["a redirect", new RedirectError("r", 301), { changedNothing: true, safe: false, once: false }],
    [
      "a redirect that may follow a change",
      new RedirectError("r", 303),
      { changedNothing: false, safe: false, once: false },
    ],
    [
      "HTML",
      new UnexpectedAnswerError("h", { status: 200 }),
      { changedNothing: false, safe: false, once: false },
    ],
    ["a bug", new TypeError("x"), { changedNothing: false, safe: false, once: false }],
  ])("covers this failure: %s", (_name, failure, expected) => {
    expect({
      changedNothing: changedNothing(failure),
      safe: isRetriable("safe", failure),
      once: isRetriable("once", failure),
    }).toEqual(expected);
    expect(isRetriable("convergent", failure)).toBe(expected.safe);
  });
});

describe("RetryBudget", () => {
  it("starts with ten tokens, gains a fifth per success, and holds at most fifty", () => {
    const budget = new RetryBudget();
    const takeAll = () => {
      let taken = 0;
      while (budget.take()) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(10);
    for (let success = 0; success < 4; success += 1) budget.earn();
    expect(budget.take()).toBe(false);
    for (let success = 0; success < 6; success += 1) budget.earn();
    expect(takeAll()).toBe(2);
    for (let success = 0; success < 1000; success += 1) budget.earn();
    expect(takeAll()).toBe(50);
  });
});

describe("RateLimitPause", () => {
  type Step = RequestKind | "same" | "ok" | "read";

  /** Milliseconds of the pause at 0 after these: each new request asks for a second more than the last; `ok`, `read`: successes. */
  function pausedMs(steps: readonly Step[]): { leftMs: number; count: number; pause: RateLimitPause } {
    const pause = new RateLimitPause();
    let untilMs = 0;
    let request = {};
    for (const step of steps) {
      if (step === "ok" || step === "read") {
        pause.succeed(step === "ok" ? "convergent" : "safe");
        continue;
      }
      if (step !== "same") request = {};
      untilMs += 1000;
      const details = { status: 429, code: "c", message: "Mine.", retryAfterMs: untilMs };
      const kind = step === "same" ? "convergent" : step;
      pause.add(request, { kind, untilMs, error: new RateLimitError(details) });
    }
    return { leftMs: pause.leftMs(0), count: pause.count, pause };
  }

  it.each<[string, Step[], number]>([
    ["no request", [], 0],
    ["two requests", ["convergent", "safe"], 0],
    ["one request, three times", ["convergent", "same", "same"], 0],
    ["three requests", ["convergent", "once", "safe"], 3000],
    ["four requests", ["convergent", "once", "safe", "safe"], 4000],
    ["three requests with a success between", ["convergent", "once", "ok", "once"], 0],
    ["three changes with a read between them", ["convergent", "once", "read", "once"], 3000],
    ["three reads with another read between", ["safe", "safe", "read", "safe"], 0],
    ["three requests before a success, which doesn't end it", ["once", "once", "once", "ok"], 3000],
    ["three more requests after a success", ["once", "once", "once", "ok", "once", "once", "once"], 6000],
  ])("has the right length after 429s for %s", (_name, steps, leftMs) => {
    expect(pausedMs(steps).leftMs).toBe(leftMs);
  });

  it("lasts until the latest time requested, and shows that request's message", () => {
    const { pause } = pausedMs(["once", "once", "once"]);
    const early = { status: 429, code: "e", message: "Mine.", retryAfterMs: 500 };
    pause.add({}, { kind: "once", untilMs: 500, error: new RateLimitError(early) });
    expect([pause.leftMs(1000), pause.leftMs(3000), pause.leftMs(9000)]).toEqual([2000, 0, 0]);
    expect(pause.refusal()).toMatchObject({
      status: 429,
      code: "c",
      message: "not sent: the API is limiting requests",
      retryAfterMs: 3000,
    });
  });
});
