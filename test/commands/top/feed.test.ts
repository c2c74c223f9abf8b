import { expect, it } from "vitest";
import type { FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import { looksScheduled, runLater } from "../unexpected-world.js";
import { startReader, statesOf } from "./reader.js";

it("top goes on with all others while one deployment gives no answer, names it after 5 s, and shows it once it answers", async () => {
  const { read, time, hang, hung, pause } = await startReader();
  await read();
  hang(true);
  await pause();
  const second = await read();
  expect(second.tookMs).toBeLessThanOrEqual(5_100);
  expect(statesOf(second.snapshot)).toEqual([
    ["Away", true, "~"],
    ["Local", false, ""],
  ]);
  expect(second.snapshot?.unanswered).toEqual({ names: ["Away"], why: "no answer in 5 s" });
  // It isn't asked a second time while it is waited for.
  expect((await read()).tookMs).toBeLessThan(100);
  expect(hung()).toBe(1);
  hang(false);
  await time.advance(70_000);
  const last = await read();
  expect(statesOf(last.snapshot)).toEqual([
    ["Away", true, ""],
    ["Local", false, ""],
  ]);
  expect(last.snapshot?.unanswered).toBeUndefined();
});

it("top shows 30 of 31 deployments within 6 s while one gives no answer, and names that one", async () => {
  const { read, hang, hung } = await startReader({ more: 29 });
  hang(true);
  const { snapshot, tookMs } = await read();
  expect(hung()).toBe(1);
  expect(tookMs).toBeLessThanOrEqual(6_000);
  expect(snapshot?.rows).toHaveLength(30);
  expect(snapshot?.unanswered).toEqual({ names: ["Away"], why: "no answer in 5 s" });
});

it("top marks automations that ran although paused, above failing ones, and reads them once", async () => {
  const { read, server, there, requests, pause } = await startReader({ proxy: looksScheduled });
  const marksOf = (snapshot: FleetSnapshot | undefined) =>
    snapshot?.rows.flatMap(({ isUnexpected }) => (isUnexpected ? ["unexpected"] : []));
  const gets = () => requests.splice(0).filter((request) => request.endsWith(there));
  await pause();
  expect(marksOf((await read()).snapshot)).toEqual([]);
  await runLater(server, { automation: there });
  const { snapshot } = await read();
  expect(marksOf(snapshot)).toEqual(["unexpected"]);
  expect(snapshot?.rows.toSorted((one, other) => one.rank - other.rank)[0]?.automation.automation_id).toBe(
    there,
  );
  expect(gets()).toHaveLength(1);
  expect(marksOf((await read()).snapshot)).toEqual(["unexpected"]);
  expect(gets()).toEqual([]);
  await runLater(server, { automation: there });
  expect(marksOf((await read()).snapshot)).toEqual(["unexpected"]);
  expect(gets()).toHaveLength(1);
});
