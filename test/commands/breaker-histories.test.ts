import fc from "fast-check";
import { expect, it } from "vitest";
import { thirdOfRuns } from "../support/third.js";
import { anyBreaker, tripBreaker } from "./breaker-histories.js";

it("the breaker pauses exactly the automations that failed often enough since a change or resume", async () => {
  let [paused, left] = [0, 0];
  const tried = fc.asyncProperty(anyBreaker, async (history) => {
    const verdict = await tripBreaker(history);
    expect(verdict.wrong).toEqual([]);
    paused += verdict.paused;
    left += verdict.left;
  });
  await fc.assert(tried, thirdOfRuns(50));
  expect(Math.min(paused, left)).toBeGreaterThan(0);
}, 600_000);

it("the breaker recognises its own rename after an incident on a nameless API", async () => {
  const run = (minutesLater: number) => ({
    kind: "ended" as const,
    status: "error" as const,
    minutesLater,
    places: [0],
  });
  const runs = [[run(1)], [run(1), run(1), run(12), run(48)]];
  const steps = [
    { on: 0, act: "incident, resumed" as const },
    { on: 1, act: "rename" as const },
  ];
  expect((await tripBreaker({ failures: 2, steps, runs })).wrong).toEqual([]);
});
