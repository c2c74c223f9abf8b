import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Forecast, forecaster, sumForecasts } from "../../src/observe/forecast.js";

const nowMs = Date.parse("2026-03-03T08:30:00Z");
const minuteMs = 60_000;

describe("a forecast", () => {
  it.each([
    ["0 9 * * 1", 1],
    ["every day at 9am", 7],
    ["*/5 * * * *", 2016],
    ["0 9 * * 1-5", 5],
    ["30 7 1 * *", 12 / 52],
    ["0 0 29 2 *", 0],
  ])("of %s is %d runs a week, and as many medians", (schedule, runsAWeek) => {
    expect(forecaster(nowMs)({ enabled: true, schedule }, { medianMs: minuteMs })).toEqual({
      runsAWeek,
      agentMsAWeek: runsAWeek * minuteMs,
    });
  });

  const daily = "0 9 * * *";
  it.each<[string, Parameters<ReturnType<typeof forecaster>>[0], number | undefined, Forecast]>([
    ["paused", { enabled: false, schedule: daily }, undefined, { runsAWeek: 0, agentMsAWeek: 0 }],
    [
      "unknown whether it is paused",
      { schedule: daily },
      5,
      { runsAWeek: undefined, agentMsAWeek: undefined },
    ],
    [
      "unreadable",
      { enabled: true, schedule: "now and then" },
      5,
      { runsAWeek: undefined, agentMsAWeek: undefined },
    ],
    [
      "without a schedule",
      { enabled: true, schedule: null },
      5,
      { runsAWeek: undefined, agentMsAWeek: undefined },
    ],
    ["never run", { enabled: true, schedule: daily }, undefined, { runsAWeek: 7, agentMsAWeek: undefined }],
  ])("guesses nothing where it is %s", (_, automation, medianMs, expected) => {
    expect(forecaster(nowMs)(automation, { medianMs })).toEqual(expected);
  });

  it("of several is the sum of what is known, and says of how many it isn't", () => {
    const amount = fc.option(fc.nat(1000), { nil: undefined });
    fc.assert(
      fc.property(fc.array(fc.record({ runsAWeek: amount, agentMsAWeek: amount })), (forecasts) => {
        const sum = sumForecasts(forecasts);
        const known = (key: keyof Forecast) => forecasts.flatMap((each) => each[key] ?? []);
        const total = (numbers: number[]) =>
          numbers.length === 0 ? undefined : numbers.reduce((all, each) => all + each, 0);
        expect(sum).toEqual({
          runsAWeek: total(known("runsAWeek")),
          agentMsAWeek: total(known("agentMsAWeek")),
          withoutRuns: forecasts.length - known("runsAWeek").length,
          withoutAgentMs: forecasts.length - known("agentMsAWeek").length,
        });
      }),
    );
  });
});
