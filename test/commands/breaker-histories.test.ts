import fc from "fast-check";
import { expect, it } from "vitest";
import { thirdOfRuns } from "../support/third.js";
import { anyBreaker, tripBreaker } from "./breaker-histories.js";

it("the breaker pauses exactly what failed so often since its last change or resume, in random histories", async () => {
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
