import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "../../src/dev-server/store/store.js";
import { monday, openCaller } from "./caller.js";
import { makeDue, watchSilence } from "./due-at-once.js";

export interface DueTrial {
  tookMs: number;
  longestSilenceMs: number;
  /** The number of automations with exactly one run, which is completed. */
  firedOnce: number;
}

/** Opens a data file in which this many schedules are due, and waits until all their runs have ended. */
export function fireAtOnce(count: number): Promise<DueTrial> {
  return withDataFile(async (dataFile) => {
    await makeDue(dataFile, { count, instructions: "Look around." });
    const { server } = await openCaller("in process", { dataFile, now: () => monday + 60_000 });
    const startedAtMs = performance.now();
    const stop = watchSilence();
    do await pause(5);
    while (server.look().isAtWork);
    const [longestSilenceMs, tookMs] = [stop(), performance.now() - startedAtMs];
    await server.close();
    const store = await openStore(dataFile);
    const isFiredOnce = (index: number) => {
      const runs = store.runs.recent(`auto_${index}`, 2);
      return runs.length === 1 && runs[0]?.status === "completed";
    };
    const firedOnce = Array.from({ length: count }, (_, index) => isFiredOnce(index)).filter(Boolean).length;
    store.close();
    return { tookMs, longestSilenceMs, firedOnce };
  });
}

/** The size in bytes of a data file and its log after each day with this many runs. */
export function sizesOverDays(days: number, runsADay: number): Promise<number[]> {
  return withDataFile(async (dataFile) => {
    const caller = await openCaller("in process", { dataFile });
    const sizes: number[] = [];
    for (let day = 0; day < days; day += 1) {
      for (let run = 0; run < runsADay; run += 1) {
        const message = { content: "word ".repeat(300), thread_id: "new" };
        await caller.call("POST", "/v1/deployments/dep_local/messages", message);
        await caller.settle();
      }
      await caller.server.advance(86_400);
      sizes.push(statSync(dataFile).size + statSync(`${dataFile}-wal`).size);
    }
    await caller.close();
    return sizes;
  });
}

async function withDataFile<T>(work: (dataFile: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "herm-trial-"));
  try {
    return await work(join(folder, "dev.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
