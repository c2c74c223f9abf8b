import { expect, it } from "vitest";
import type { FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import { call } from "../../incident/fleet.js";
import { fetchFrom } from "../../support/harness.js";
import { looksScheduled, runLater } from "../unexpected-world.js";
import { startReader, statesOf } from "./reader.js";

it("top names an unresponsive deployment after 3 s, and shows it once it responds", async () => {
  const { read, time, hang, hung, pause } = await startReader();
  await read();
  hang(true);
  await pause();
  const second = await read();
  expect(second.tookMs).toBeLessThanOrEqual(3_100);
  expect(statesOf(second.snapshot)).toEqual([
    ["Away", true, "~"],
    ["Local", false, ""],
  ]);
  expect(second.snapshot?.unanswered).toEqual({ names: ["Away"], why: "no answer in 3 s" });
  // While its response is awaited, it isn't requested again.
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

it("top shows 30 of 31 deployments within 4 s, and names the unresponsive one", async () => {
  const { read, hang, hung } = await startReader({ more: 29 });
  hang(true);
  const { snapshot, tookMs } = await read();
  expect(hung()).toBe(1);
  expect(tookMs).toBeLessThanOrEqual(4_000);
  expect(snapshot?.rows).toHaveLength(30);
  expect(snapshot?.unanswered).toEqual({ names: ["Away"], why: "no answer in 3 s" });
});

it("top puts automations that ran while paused above failing ones, and reads them once", async () => {
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

it("top counts consecutive failures, and reads each failing automation once", async () => {
  const { read, server, there, requests } = await startReader();
  const fields = { instructions: "@dev fail no such sheet" };
  await call(server, "PATCH", `/v1/deployments/dep_local/automations/${there}`, fields);
  for (let runs = 0; runs < 3; runs += 1) await runLater(server, { automation: there });
  await server.advance(60);
  const gets = () => requests.splice(0).filter((request) => request.endsWith(there));
  const failures = async () =>
    (await read()).snapshot?.rows.flatMap(({ name, failures }) =>
      failures ? [[name, failures.inARow]] : [],
    );
  expect(await failures()).toEqual([["There", 3]]);
  expect(gets()).toHaveLength(1);
  expect(await failures()).toEqual([["There", 3]]);
  expect(gets()).toEqual([]);
});

it("top reports within 3 s that an API has stopped responding", async () => {
  const { read, answerBy, server } = await startReader({ more: 29 });
  await read();
  let left = 31;
  answerBy((url, { signal, ...init }) => {
    left -= 1;
    if (left < 0) return fetchFrom(server)(url, init);
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  });
  const { saidMs, tookMs } = await read();
  expect(saidMs).toBeLessThanOrEqual(3_100);
  expect(tookMs).toBeGreaterThan(5_000);
});
