import { expect, it } from "vitest";
import type { FetchLike } from "../../../src/api/fetch.js";
import { FleetReader, type FleetSnapshot } from "../../../src/commands/top/fleet-reader.js";
import { WatchedDeployments } from "../../../src/commands/top/watched-deployments.js";
import { Exclusions } from "../../../src/fleet/exclusions.js";
import { Invocation } from "../../../src/invocation.js";
import { settle, VirtualTime } from "../../api/virtual-time.js";
import { addAutomation, addDeployment, call, withoutDeployment } from "../../incident/fleet.js";
import { fetchFrom, startServer, testSystem } from "../../support/harness.js";
import { looksScheduled, runLater } from "../unexpected-world.js";

/** What top hears of two deployments, of which one may give no answer, in virtual time. */
async function start({ proxy = fetchFrom, more = 0 }: { proxy?: typeof fetchFrom; more?: number } = {}) {
  const server = await startServer();
  const away = await addDeployment(server, { name: "Away" });
  const there = await addAutomation(server, { name: "There" });
  await addAutomation(server, { name: "Away", deployment: away });
  for (let number = 0; number < more; number += 1) {
    const deployment = await addDeployment(server, { name: `Customer ${number}` });
    await addAutomation(server, { name: "Report", deployment });
  }
  const time = new VirtualTime();
  let isHung = false;
  let hasLeft = false;
  let hung = 0;
  const requests: string[] = [];
  const fetch: FetchLike = async (url, { signal, ...init }) => {
    requests.push(`${init.method} ${new URL(url).pathname}`);
    if (hasLeft) return withoutDeployment(server, away)(url, init);
    if (!isHung || !url.includes(away)) return proxy(server)(url, init);
    hung += 1;
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
  const { sleep, monotonic, timer } = time;
  const context = new Invocation(testSystem({ server, fetch, sleep, monotonic, timer }), []);
  context.flags = {
    deployments: [],
    local: false,
    quiet: false,
    debug: false,
    noColor: true,
    noInput: true,
  };
  await context.prepareSettings();
  const selection = { deployments: [], allDeployments: true, except: new Exclusions([]) };
  const deployments = new WatchedDeployments(context, selection);
  const feed = new FleetReader(context, { deployments, selection });
  const read = async () => {
    let snapshot: FleetSnapshot | undefined;
    const reading = feed.read().then((came) => {
      snapshot = came;
    });
    const beganMs = time.monotonic();
    for (let turn = 0; turn < 1300 && snapshot === undefined; turn += 1) {
      await settle();
      if (snapshot === undefined) await time.advance(50);
    }
    await reading;
    return { snapshot, tookMs: time.monotonic() - beganMs };
  };
  return {
    read,
    server,
    there,
    requests,
    time,
    hang: (whether: boolean) => {
      isHung = whether;
    },
    leave: (whether: boolean) => {
      hasLeft = whether;
    },
    hung: () => hung,
    pause: () => call(server, "PATCH", `/v1/deployments/dep_local/automations/${there}`, { enabled: false }),
  };
}

const statesOf = (snapshot: FleetSnapshot | undefined) =>
  snapshot?.rows.map(({ deployment_name, automation, isStale }) => [
    deployment_name,
    automation.enabled,
    isStale ? "~" : "",
  ]);

it("top goes on with all others while one deployment gives no answer, names it after 5 s, and shows it once it answers", async () => {
  const { read, time, hang, hung, pause } = await start();
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

it("forgets a deployment that leaves: nothing old is shown of it when it is back", async () => {
  const { read, time, hang, leave } = await start();
  await read();
  leave(true);
  await time.advance(60_000);
  expect(statesOf((await read()).snapshot)).toEqual([["Local", true, ""]]);
  leave(false);
  hang(true);
  await time.advance(60_000);
  const back = (await read()).snapshot;
  expect(statesOf(back)).toEqual([["Local", true, ""]]);
  expect(back?.unanswered?.names).toEqual(["Away"]);
});

it("top shows 30 of 31 deployments within 6 s while one gives no answer, and names that one", async () => {
  const { read, hang, hung } = await start({ more: 29 });
  hang(true);
  const { snapshot, tookMs } = await read();
  expect(hung()).toBe(1);
  expect(tookMs).toBeLessThanOrEqual(6_000);
  expect(snapshot?.rows).toHaveLength(30);
  expect(snapshot?.unanswered).toEqual({ names: ["Away"], why: "no answer in 5 s" });
});

it("top marks automations that ran although paused, above failing ones, and reads them once", async () => {
  const { read, server, there, requests, pause } = await start({ proxy: looksScheduled });
  const marksOf = (snapshot: FleetSnapshot | undefined) =>
    snapshot?.rows.flatMap(({ badges: marks = [] }) => marks.map(({ word }) => word));
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
