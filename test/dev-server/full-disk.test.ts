import { expect, it } from "vitest";
import { scriptedAgent } from "../../src/dev-server/agent.js";
import { ServerClock } from "../../src/dev-server/clock.js";
import { addDeployment } from "../../src/dev-server/engine.js";
import { Runs } from "../../src/dev-server/runs.js";
import { Scheduler } from "../../src/dev-server/scheduler.js";
import { openDatabase } from "../../src/dev-server/store/database.js";
import { inMemory, Store } from "../../src/dev-server/store/store.js";
import { monday } from "./caller.js";

it("the server reports a full disk, keeps its data, and later runs due automations", async () => {
  const database = await openDatabase(inMemory);
  const store = new Store(database);
  const clock = new ServerClock({ realTime: () => monday, offsetMs: 0, keepOffset: () => undefined });
  const reported: unknown[] = [];
  const report = (error: unknown) => void reported.push(error);
  const runs = new Runs({ store, clock, agent: scriptedAgent, stepDelayMs: 0, report });
  const scheduler = new Scheduler({ store, clock, runs, report });
  const { deployment_id, thread_id } = addDeployment(
    { store, clock },
    { customer_id: "c", name: "n", system_prompt: "", model: "m", settlesInMs: 0, outcome: "ready" },
  );
  const automation = {
    automation_id: "auto_1",
    deployment_id,
    thread_id,
    name: "x",
    schedule: "x",
    cron: "* * * * *",
  };
  const instructions = "word ".repeat(20_000);
  const times = { next_run_at: monday + 60_000, created_at: monday, updated_at: monday };
  store.automations.insert({ ...automation, ...times, instructions, enabled: true });
  scheduler.rearm();
  const pages = Number(database.get("PRAGMA page_count")?.page_count);

  database.exec(`PRAGMA max_page_count = ${pages}`);
  await scheduler.advanceTo(monday + 60_500);
  expect(String(reported[0])).toContain("database or disk is full");
  expect(store.runs.recent("auto_1", 9)).toEqual([]);
  expect(store.events.newest()).toBe(0);

  database.exec(`PRAGMA max_page_count = ${pages + 80}`);
  await expect.poll(() => store.runs.recent("auto_1", 9)).toMatchObject([{ status: "running" }]);
  await runs.whenIdle();
  expect(store.runs.running(9)).toHaveLength(1);

  database.exec("PRAGMA max_page_count = 1000000");
  await expect
    .poll(() => store.runs.recent("auto_1", 9))
    .toMatchObject([{ origin: "schedule", status: "error", error: "database or disk is full" }]);
  const next = runs.receive({ deployment_id, thread_id, content: "Hello" });
  await runs.whenIdle();
  expect(store.runs.find({ run_id: next.run_id })).toMatchObject({ status: "completed" });
  scheduler.close();
  clock.close();
  await runs.stop();
  store.close();
});
