import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { nextDue } from "../../src/dev-server/scheduler.js";
import { openStore } from "../../src/dev-server/store/store.js";

const hourMs = 3_600_000;
const ranMs = 2 * hourMs;

/** Makes a stopped server lose the runs due until then, in ms, like a platform that doesn't make up for missed runs. */
export async function loseDueRuns(dataFile: string, untilMs: number): Promise<void> {
  const store = await openStore(dataFile);
  try {
    for (;;) {
      const due = store.automations.nextDue();
      if (due === undefined || due.next_run_at > untilMs) return;
      store.automations.update({ seq: due.seq }, { next_run_at: nextDue(due.cron, untilMs) });
    }
  } finally {
    store.close();
  }
}

/** A daily schedule with a single run due in the downtime, hours before its end, and none after it. */
export function dailyInDowntime(): string {
  return `30 ${new Date(Date.now() + 14 * hourMs).getUTCHours()} * * *`;
}

/**
 * A server that ran for two hours with what `fill` adds, and then was down for a day and lost the due runs; also its
 * time, and the result of `fill`.
 */
export async function serverAfterDowntime<T>(
  { dataFile, apiKey }: { dataFile: string; apiKey: string },
  fill: (server: EmbeddedServer) => Promise<T>,
): Promise<{ server: EmbeddedServer; nowMs: number; filled: T }> {
  let aheadMs = 0;
  const options = { dataFile, apiKey, now: () => Date.now() + aheadMs };
  const before = await embedDevServer(options);
  const filled = await fill(before);
  // It remembers how far its clock was moved.
  await before.advance(ranMs / 1_000);
  await before.close();
  aheadMs = 26 * hourMs;
  await loseDueRuns(dataFile, options.now() + ranMs);
  const server = await embedDevServer(options);
  await server.advance(1);
  return { server, nowMs: options.now() + ranMs, filled };
}
