import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ItemResult } from "../../src/fleet/outcome.js";
import { type Outage, runTrial, ways } from "./outages.js";

const countsOf = (results: readonly ItemResult<number, undefined>[]) => {
  const counts: Record<string, number> = {};
  for (const { outcome } of results) {
    const name = "reason" in outcome ? `${outcome.result}: ${outcome.reason}` : outcome.result;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** The number of requests sent during an outage. */
const within = (requests: readonly { atMs: number }[], { fromMs, forMs }: Outage) =>
  requests.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + forMs).length;

describe("many items in an outage", () => {
  it.each(ways)("all succeed after three seconds in which everything %s", async (way) => {
    const outage: Outage = { fromMs: 500, forMs: 3000, way };
    const { results, requests, paused } = await runTrial({ outages: [outage] });
    expect(countsOf(results)).toEqual({ done: 200 });
    expect(paused.size).toBe(200);
    expect(within(requests, outage)).toBeLessThanOrEqual(8 + 10 + 3);
  });

  it.each(ways)("leave no timer after three seconds in which everything %s", async (way) => {
    const outages: Outage[] = [{ fromMs: 500, forMs: 3000, way }];
    const { results, waiting } = await runTrial({ outages, count: 24, concurrency: 1 });
    expect(countsOf(results)).toEqual({ done: 24 });
    expect(waiting).toBe(0);
  });

  it("all succeed after outages shorter than --max-wait, with about one retry a second", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 500, max: 120_000 }),
        fc.constantFrom(...ways),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        async (fromMs, forMs, way, concurrency, randoms) => {
          const outage: Outage = { fromMs, forMs, way };
          const random = () => randoms.next().value ?? 0.5;
          const trial = { outages: [outage], concurrency, random, maxWaitMs: 180_000 };
          const { results, requests, paused } = await runTrial(trial);
          expect(countsOf(results)).toEqual({ done: 200 });
          expect(paused.size).toBe(200);
          expect(within(requests, outage)).toBeLessThanOrEqual(concurrency + 10 + Math.ceil(forMs / 1000));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("fail together once --max-wait has passed since the last success", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 700 }),
        fc.constantFrom(...ways),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        async (fromMs, way, concurrency, randoms) => {
          const outage: Outage = { fromMs, forMs: 1e9, way };
          const random = () => randoms.next().value ?? 0.5;
          const trial = await runTrial({ outages: [outage], concurrency, random });
          const { results, requests, lastSuccessMs, endedMs } = trial;
          const counts = countsOf(results);
          const { "skipped: API unreachable": left = 0, failed = 0, unknown = 0, done = 0 } = counts;
          expect(failed + unknown).toBeLessThanOrEqual(concurrency + 6);
          expect(left).toBe(200 - done - failed - unknown);
          const sent = requests.filter(({ method, atMs }) => method === "PATCH" && atMs >= fromMs);
          expect(sent.length).toBeLessThanOrEqual(concurrency + 10 + 61);
          // A GET for each sent request may take as long as an attempt.
          expect(endedMs - lastSuccessMs).toBeGreaterThanOrEqual(60_000);
          expect(endedMs - lastSuccessMs).toBeLessThanOrEqual(60_000 + 30_100);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("continue if the API recovers at the last moment", async () => {
    const { results, endedMs } = await runTrial({
      outages: [{ fromMs: 500, forMs: 55_000, way: "refused" }],
    });
    expect(countsOf(results)).toEqual({ done: 200 });
    expect(endedMs).toBeLessThan(75_000);
  });

  it("continue if many items of one deployment, listed first, always fail", async () => {
    const isBroken = (item: number) => item < 20;
    const { results, paused, endedMs, lastSuccessMs } = await runTrial({
      outages: [],
      refuses: (item) => (isBroken(item) ? 500 : undefined),
      execution: { deploymentOf: (item) => (isBroken(item) ? "dep_1" : "dep_2") },
    });
    expect(paused.size).toBe(180);
    expect(countsOf(results)).toMatchObject({ done: 180 });
    expect(endedMs - lastSuccessMs).toBeLessThan(61_000);
    expect(lastSuccessMs).toBeLessThan(40_000);
  });

  it("continue if ten items of one deployment, listed first, always fail", async () => {
    const trial = { outages: [], count: 60, refuses: (item: number) => (item < 10 ? 500 : undefined) };
    const { results, endedMs, lastSuccessMs } = await runTrial(trial);
    expect(countsOf(results)).toEqual({ done: 50, unknown: 10 });
    expect(endedMs - lastSuccessMs).toBeLessThan(61_000);
  });

  it("report each outage once", async () => {
    const outages: Outage[] = [
      { fromMs: 300, forMs: 20_000, way: "refused" },
      { fromMs: 40_000, forMs: 20_000, way: "503" },
    ];
    const { results, told } = await runTrial({ outages, tookMs: 2000 });
    expect(countsOf(results)).toEqual({ done: 200 });
    expect(told).toHaveLength(2);
  });

  it("continue if the API responds with rejections", async () => {
    const { results } = await runTrial({ outages: [], count: 300, tookMs: 2000, refuses: () => 404 });
    expect(countsOf(results)).toEqual({ failed: 300 });
  });
});

describe("a rejection in a fleet operation", () => {
  const deploymentOf = (item: number) => `dep_${item % 4}`;

  it.each([402, 403])("stops only that deployment's items if it is a %i", async (status) => {
    const refuses = (item: number) => (item % 4 === 2 ? status : undefined);
    const execution = { deploymentOf, triesEveryDeployment: true };
    const { results, paused } = await runTrial({
      outages: [],
      count: 40,
      concurrency: 4,
      refuses,
      execution,
    });
    expect(countsOf(results)).toEqual({ done: 30, failed: 1, "skipped: deployment refused": 9 });
    expect([...paused].every((item) => item % 4 !== 2)).toBe(true);
  });

  it("counts as general, on request, only after each deployment was tried", async () => {
    const execution = { deploymentOf, triesEveryDeployment: true };
    const trial = { outages: [], count: 400, concurrency: 4, refuses: () => 403, execution };
    const { results, requests } = await runTrial(trial);
    expect(new Set(requests.map(({ item }) => deploymentOf(item))).size).toBe(4);
    expect(requests.length).toBeLessThanOrEqual(4 + 4);
    expect(countsOf(results)).toEqual({
      failed: requests.length,
      "skipped: deployment refused": 400 - requests.length,
    });
  });

  it("counts as general by default if it hits the first item", async () => {
    const trial = { outages: [], count: 40, refuses: () => 403, execution: { deploymentOf } };
    expect(countsOf((await runTrial(trial)).results)).toEqual({ failed: 1, "skipped: key refused": 39 });
  });

  it("stops all items, even midway, if it rejects the key", async () => {
    const refuses = (item: number) => (item === 20 ? 401 : undefined);
    const execution = { deploymentOf, triesEveryDeployment: true };
    const { results } = await runTrial({ outages: [], count: 40, concurrency: 1, refuses, execution });
    expect(countsOf(results)).toEqual({ done: 20, failed: 1, "skipped: key refused": 19 });
  });
});
