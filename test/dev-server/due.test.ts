import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { isFinal, readBlocks } from "./blocks.js";
import { monday, openCaller } from "./caller.js";
import { makeDue, watchSilence } from "./due-at-once.js";

it.each(["x", "@dev wait 1"])(
  "1,500 automations due at once each run once, and barely delay requests: %j",
  async (instructions) => {
    const count = 1_500;
    const dataFile = join(temporaryFolder(), "dev.db");
    await makeDue(dataFile, { count, instructions });
    let passedMs = 0;
    const caller = await openCaller("in process", { dataFile, now: () => monday + 60_000 + passedMs });
    onTestFinished(() => caller.close());
    const stream = readBlocks(
      await caller.send("GET", "/v1/deployments/dep_local/events", { headers: { "last-event-id": "evt_0" } }),
    );
    // By the CPU time of this process, because waiting for a core isn't its fault.
    const workedMs = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    };
    const startedAtMs = workedMs();
    const stop = watchSilence(workedMs);
    const runsThat = { start: new Set<unknown>(), rest: new Set<unknown>(), end: new Set<unknown>() };
    await stream.until((block) => {
      const { run_id } = block.data as { run_id: string };
      runsThat.start.add(run_id);
      if (block.event === "tool_result") runsThat.rest.add(run_id);
      // All that wait for the clock are woken at once, too.
      if (runsThat.rest.size === count) passedMs = 2_000;
      if (isFinal(block)) runsThat.end.add(run_id);
      return runsThat.end.size === count;
    });
    // Started all at once, they would take most of it.
    expect(stop() / (workedMs() - startedAtMs)).toBeLessThan(1 / 5);
    expect(runsThat.start.size).toBe(count);
  },
);
