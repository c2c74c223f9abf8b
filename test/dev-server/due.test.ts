import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { temporaryFolder } from "../support/harness.js";
import { isFinal, readBlocks } from "./blocks.js";
import { monday, openCaller } from "./caller.js";
import { makeDue, watchSilence } from "./due-at-once.js";

it.each(["x", "@dev wait 1"])(
  "1,500 automations due at once each run once, and barely delay requests: %j",
  async (instructions) => {
    // Runs started in one go take most of the work each time; a pause of Node's own may take a fifth, but not twice.
    const share = await longestShare(instructions);
    expect(share < 1 / 5 ? share : await longestShare(instructions)).toBeLessThan(1 / 5);
  },
);

const count = 1_500;

/** Runs all, and returns the longest time without a turn for requests, as a share of the whole. */
async function longestShare(instructions: string): Promise<number> {
  const dataFile = join(temporaryFolder(), "dev.db");
  await makeDue(dataFile, { count, instructions });
  let passedMs = 0;
  const caller = await openCaller("in process", { dataFile, now: () => monday + 60_000 + passedMs });
  onTestFinished(() => caller.close());
  const stream = readBlocks(
    await caller.send("GET", "/v1/deployments/dep_local/events", { headers: { "last-event-id": "evt_0" } }),
  );
  const startedAtMs = workedMs();
  const stop = watchSilence(workedMs);
  const runsThat = { start: new Set<unknown>(), rest: new Set<unknown>(), end: new Set<unknown>() };
  await stream.until((block) => {
    const { run_id } = block.data as { run_id: string };
    runsThat.start.add(run_id);
    if (block.event === "tool_result") runsThat.rest.add(run_id);
    // Who waits for the clock is woken all at once, too.
    if (runsThat.rest.size === count) passedMs = 2_000;
    if (isFinal(block)) runsThat.end.add(run_id);
    return runsThat.end.size === count;
  });
  expect(runsThat.start.size).toBe(count);
  return stop() / (workedMs() - startedAtMs);
}

/** The time that this process has worked, in ms: its waits for a core aren't the server's doing. */
function workedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
