import { statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { ServerClock } from "../../src/dev-server/clock.js";
import { EventExpiry } from "../../src/dev-server/engine.js";
import { openStore } from "../../src/dev-server/store/store.js";
import { temporaryFolder } from "../support/harness.js";
import { isFinal, readBlocks } from "./blocks.js";
import { type Caller, field, monday, openCaller } from "./caller.js";

const base = "/v1/deployments/dep_local";
const day = 86_400;

async function open(dataFile: string): Promise<Caller> {
  const caller = await openCaller("in process", { dataFile });
  onTestFinished(() => caller.close());
  return caller;
}

/** Sends a message that starts a run in a new thread, and waits until the run ends. */
async function say(caller: Caller, content: string): Promise<{ run_id: string; thread_id: string }> {
  const answer = await caller.call("POST", `${base}/messages`, { content, thread_id: "new" });
  await caller.settle();
  return { run_id: field(answer, "run_id"), thread_id: field(answer, "thread_id") };
}

/** The runs that a stream from the beginning shows. */
async function shownRuns(caller: Caller, last: string): Promise<Set<unknown>> {
  const stream = readBlocks(
    await caller.send("GET", `${base}/events`, { headers: { "last-event-id": "evt_0" } }),
  );
  const runOf = ({ data }: { data?: unknown }) => (data as { run_id: string }).run_id;
  const blocks = await stream.until((block) => isFinal(block) && runOf(block) === last);
  await stream.close();
  return new Set(blocks.map(runOf));
}

async function newestId(caller: Caller): Promise<string | undefined> {
  const stream = readBlocks(await caller.send("GET", `${base}/events`));
  const [first] = await stream.take(1);
  await stream.close();
  return first?.id;
}

it("events are deleted a week after their run, but other data stays", async () => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const caller = await open(dataFile);
  const waiting = await say(caller, "@dev ask Go on?");
  const ended = await Promise.all([1, 2, 3].map((index) => say(caller, `Look around, ${index}.`)));
  await caller.server.advance(7 * day - 1);
  const young = await say(caller, "Look again.");
  expect((await shownRuns(caller, young.run_id)).size).toBe(5);
  await caller.server.advance(3600);
  const last = await say(caller, "And again.");
  await expect
    .poll(() => shownRuns(caller, last.run_id))
    .toEqual(new Set([waiting.run_id, young.run_id, last.run_id]));
  for (const { thread_id } of ended) {
    expect((await caller.call("GET", `${base}/threads/${thread_id}`)).body).toMatchObject({
      messages: [{ role: "user" }, { role: "agent", content: expect.stringContaining("Done.") }],
    });
  }
  await caller.call("POST", `${base}/messages`, { content: "yes", thread_id: waiting.thread_id });
  await caller.settle();
  expect((await caller.call("GET", `${base}/threads/${waiting.thread_id}`)).body).toMatchObject({
    messages: { 3: { content: "yes" }, 4: { content: "Answered: yes\nDone." } },
  });
});

it("event ids continue after old events are deleted, and a restart finishes the deletion", async () => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const before = await open(dataFile);
  await say(before, "word ".repeat(2_000));
  const newest = await newestId(before);
  await before.server.advance(8 * day);
  await before.close();
  const after = await open(dataFile);
  const next = await say(after, "Hello");
  await expect.poll(() => shownRuns(after, next.run_id)).toEqual(new Set([next.run_id]));
  const stream = readBlocks(
    await after.send("GET", `${base}/events`, { headers: { "last-event-id": newest ?? "" } }),
  );
  expect(await stream.take(1)).toMatchObject([
    { id: `evt_${Number(newest?.slice(4)) + 1}`, data: { run_id: next.run_id } },
  ]);
  await stream.close();
  await after.server.advance(8 * day);
  await say(after, "Hello again");
  await after.close();
  expect(await newestId(await open(dataFile))).toMatch(/^evt_2\d{3}$/);
});

it("a data file stops growing once it contains a week of events", async () => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const caller = await open(dataFile);
  const sizes: number[] = [];
  for (let days = 0; days < 20; days += 1) {
    for (let index = 0; index < 5; index += 1) await say(caller, "word ".repeat(300));
    await caller.server.advance(day);
    sizes.push(statSync(dataFile).size + statSync(`${dataFile}-wal`).size);
  }
  const grownUntil = (from: number, to: number) => (sizes[to] ?? 0) - (sizes[from] ?? 0);
  expect(grownUntil(10, 19)).toBeLessThan(grownUntil(0, 7) / 4);
});

it("the log beside a data file is truncated, however much is written at once", async () => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const caller = await open(dataFile);
  const large = Array.from({ length: 10 }, () => "x".repeat(90_000)).join(" ");
  await Promise.all(Array.from({ length: 16 }, () => say(caller, large)));
  const logBytes = () => statSync(`${dataFile}-wal`).size;
  expect(logBytes()).toBeGreaterThan(4 * 1024 * 1024);
  await caller.server.advance(3600);
  await say(caller, "Hello");
  await expect.poll(logBytes).toBeLessThan(1024 * 1024);
});

it.each([
  ["nothing was deleted before", undefined],
  ["an earlier part ended before the first run", String(monday - 1)],
])("event deletion resumes after the last completed part: %s", async (_, kept) => {
  const dataFile = join(temporaryFolder(), "dev.db");
  const caller = await open(dataFile);
  const ends: string[] = [];
  for (let run = 0; run < 4; run += 1) {
    await say(caller, "word ".repeat(600));
    ends.push(String(monday + run * 60_000));
    await caller.server.advance(60);
  }
  await caller.close();
  const store = await openStore(dataFile);
  const setting = "events_removed_until";
  if (kept !== undefined) store.setSetting(setting, kept);
  const now = monday + 8 * day * 1000;
  const clock = new ServerClock({ realTime: () => now, offsetMs: 0, keepOffset() {} });
  const failures: unknown[] = [];
  const expiry = new EventExpiry({ store, clock, report: (error) => failures.push(error) });
  const seen = new Set<string | undefined>();
  for (let turns = 0; turns < 100 && store.setting(setting) !== String(now - 7 * day * 1000); turns += 1) {
    await turn();
    seen.add(store.setting(setting));
  }
  const left = store.events.after(0, { deployment_id: "dep_local" }, 10_000).length;
  expiry.close();
  store.close();
  expect({ failures, left }).toEqual({ failures: [], left: 0 });
  expect([...seen]).toEqual([...ends, String(now - 7 * day * 1000)]);
});
