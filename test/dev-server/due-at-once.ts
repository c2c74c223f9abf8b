import { newId } from "../../src/dev-server/ids.js";
import { openStore } from "../../src/dev-server/store/store.js";
import { monday, openCaller } from "./caller.js";

/** Makes a data file with this many automations, all of which are due a minute after `monday`. */
export async function makeDue(
  dataFile: string,
  options: { count: number; instructions: string },
): Promise<void> {
  await (await openCaller("in process", { dataFile })).close();
  const store = await openStore(dataFile);
  store.transaction(() => {
    for (let index = 0; index < options.count; index += 1) {
      const thread_id = newId("thr");
      store.threads.insert({ thread_id, deployment_id: "dep_local", title: "x", last_activity_at: monday });
      store.automations.insert({
        automation_id: `auto_${index}`,
        deployment_id: "dep_local",
        name: `${index}`,
        schedule: "0 0 1 1 *",
        cron: "0 0 1 1 *",
        instructions: options.instructions,
        thread_id,
        enabled: true,
        next_run_at: monday + 60_000,
        created_at: monday,
        updated_at: monday,
      });
    }
  });
  store.close();
}

/**
 * Measures by a clock how long this process is unresponsive; returns a function that stops it and returns the longest
 * time, in ms.
 */
export function watchSilence(clock = () => performance.now()): () => number {
  let [lastMs, longestMs] = [clock(), 0];
  const beat = () => {
    const nowMs = clock();
    longestMs = Math.max(longestMs, nowMs - lastMs);
    lastMs = nowMs;
  };
  const timer = setInterval(beat, 2);
  return () => {
    beat();
    clearInterval(timer);
    return longestMs;
  };
}
