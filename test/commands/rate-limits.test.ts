import { expect, it } from "vitest";
import type { FetchLike } from "../../src/api/fetch.js";
import type { VirtualTime } from "../api/virtual-time.js";
import { fetchFrom, herm } from "../support/harness.js";
import { start } from "./outage-fleet.js";

interface Row {
  automation_id: string | null;
  result: string;
  error?: string;
  reason?: string;
}

const pauseAll = "automations pause --all-deployments --incident INC-1 --yes --json";
const updateAll = "automations update --all-deployments --schedule hourly --yes --json";
const deleteAll = "automations delete --all-deployments --yes --json";

const limited = (seconds: number) =>
  Response.json(
    { error: "rate_limited", message: "slow down" },
    { status: 429, headers: { "retry-after": `${seconds}` } },
  );

/** Twenty automations in five deployments, and an API that refuses each change for as long as `secondsOf` returns. */
async function prepare(secondsOf: (nth: number, url: string) => number | undefined) {
  const world = await start({ others: ["One", "Two", "Three", "Four"] });
  const sent: { id: string; atMs: number; isLimited: boolean }[] = [];
  const fetchIn =
    (time: VirtualTime): FetchLike =>
    async (url, init) => {
      if (init.method === "GET") return fetchFrom(world.server)(url, init);
      const seconds = secondsOf(sent.length + 1, url);
      sent.push({
        id: url.slice(url.lastIndexOf("/") + 1),
        atMs: time.monotonic(),
        isLimited: seconds !== undefined,
      });
      return seconds === undefined ? fetchFrom(world.server)(url, init) : limited(seconds);
    };
  const run = async (words: string) => {
    const result = await world.run(words, undefined, { fetchIn });
    const rows: Row[] = JSON.parse(result.stdout);
    const idsOf = (wanted: string) =>
      rows.flatMap(({ automation_id, result: each }) => (each === wanted ? (automation_id ?? []) : []));
    return { ...result, rows, idsOf };
  };
  return { ...world, run, sent };
}

const limitedIds = (sent: { id: string; isLimited: boolean }[]) =>
  sent.filter(({ isLimited }) => isLimited).map(({ id }) => id);

it.each([pauseAll, updateAll, deleteAll].flatMap((words) => [1, 7, 20].map((nth) => ({ words, nth }))))(
  "a single long 429 among 20 changes, number $nth, causes only that change to fail: $words",
  async ({ words, nth }) => {
    const { run, sent } = await prepare((each) => (each === nth ? 3600 : undefined));
    const { code, rows, tookMs } = await run(words);
    const failed = rows.filter(({ result }) => result === "failed");
    expect(failed.map(({ automation_id, error }) => ({ automation_id, error }))).toEqual([
      { automation_id: limitedIds(sent)[0], error: "slow down" },
    ]);
    expect(rows.filter(({ result }) => /^(paused|updated|deleted)$/.test(result))).toHaveLength(19);
    expect({ code, sent: sent.length }).toEqual({ code: 8, sent: 20 });
    expect(tookMs).toBeLessThan(5_000);
  },
);

it("three 429s among 20 requests, with a success in between, fail only those three", async () => {
  const { run, sent } = await prepare((nth) => ([3, 8, 15].includes(nth) ? 3600 : undefined));
  const { code, rows, idsOf } = await run(`${pauseAll} --concurrency 1`);
  expect({ code, failed: idsOf("failed"), paused: idsOf("paused").length }).toEqual({
    code: 8,
    failed: limitedIds(sent),
    paused: 17,
  });
  expect(rows).toHaveLength(20);
});

it("two 429s don't delay other changes, and are retried at the requested time", async () => {
  const waiting = new Set<string>();
  const { run, sent, enabled } = await prepare((nth, url) => {
    if (nth > 3 || nth === 1 || waiting.has(url)) return undefined;
    waiting.add(url);
    return 30;
  });
  const { code } = await run(pauseAll);
  const soon = sent.filter(({ atMs }) => atMs < 5_000);
  expect({ code, soon: soon.length, all: sent.length }).toEqual({ code: 0, soon: 20, all: 22 });
  expect(Math.min(...sent.slice(20).map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(30_000);
  expect(await enabled()).toEqual([]);
});

it("three 429s without a success between pause all workers, but all changes are made", async () => {
  const { run, sent, enabled } = await prepare((nth) => (nth > 4 && nth <= 7 ? 20 : undefined));
  const { code } = await run(`${pauseAll} --concurrency 3`);
  const thirdMs = sent.filter(({ isLimited }) => isLimited).at(-1)?.atMs ?? 0;
  const isHeld = ({ atMs }: { atMs: number }) => atMs > thirdMs && atMs < thirdMs + 20_000;
  expect(code).toBe(0);
  expect(sent.filter(isHeld)).toEqual([]);
  expect({ sent: sent.length, enabled: await enabled() }).toEqual({ sent: 23, enabled: [] });
});

const resume = "automations resume --incident INC-1 --yes --json";
const undo = "undo last --yes --json";

it.each<[words: string, first?: string]>([
  [`${pauseAll} --concurrency 1`],
  [pauseAll],
  [`${updateAll} --concurrency 2`],
  [deleteAll],
  ["automations trigger --all-deployments --no-follow --yes --json"],
  [resume, pauseAll],
  [undo, pauseAll],
  [undo, updateAll],
  [undo, deleteAll],
])("an API that always demands an hour's wait stops the rest: %s", async (words, first) => {
  let isLimited = false;
  const { run, sent } = await prepare(() => (isLimited ? 3600 : undefined));
  if (first !== undefined) await run(first);
  isLimited = true;
  sent.length = 0;
  const { code, rows, idsOf, stderr, tookMs } = await run(words);
  expect(code).toBe(8);
  expect(sent.length).toBeGreaterThanOrEqual(3);
  expect(sent.length).toBeLessThanOrEqual(1 + 8);
  expect(idsOf("failed")).toHaveLength(sent.length);
  // Deployments that can't be read again have rows too.
  const ofItems = rows.filter(({ automation_id }) => automation_id !== null);
  expect(ofItems).toHaveLength(20);
  for (const { result, error, reason } of ofItems)
    expect({ result, error, reason }).toEqual(
      result === "failed"
        ? { result, error: "slow down", reason: undefined }
        : { result: "not started", error: undefined, reason: "rate limited" },
    );
  const errors = new Set(rows.map(({ error }) => error));
  errors.delete("not sent: the API is limiting requests");
  expect(errors).toEqual(new Set(["slow down", undefined]));
  expect(stderr).toContain("to finish it: herm ");
  expect(tookMs).toBeLessThan(5_000);
  isLimited = false;
  expect((await run(words)).code).toBe(0);
});

it("changes unsent because of rate limits are skipped in the history, not failed", async () => {
  const { run, server, home } = await prepare(() => 3600);
  const { idsOf } = await run(`${updateAll} --concurrency 4`);
  const { stdout } = await herm(["history", "-o", "json"], { server, home });
  const [{ items }]: [{ items: Row[] }] = JSON.parse(stdout);
  const of = (wanted: string) =>
    items.flatMap(({ automation_id, result }) => (result === wanted ? automation_id : []));
  expect(of("failed").toSorted()).toEqual(idsOf("failed").toSorted());
  expect(idsOf("not started")).toEqual(expect.arrayContaining(of("skipped")));
  expect(of("failed").length + of("skipped").length).toBe(items.length);
});
