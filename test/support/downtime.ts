import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { nextDue } from "../../src/dev-server/scheduler.js";
import { openStore } from "../../src/dev-server/store/store.js";

const hourMs = 3_600_000;
const ranMs = 2 * hourMs;

/** As a platform that makes up for nothing: a server that isn't running has lost what was due until then, in ms. */
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

/** A daily schedule of which only one run is due in the downtime, hours before its end, and none after it. */
export function dailyInDowntime(): string {
  return `30 ${new Date(Date.now() + 14 * hourMs).getUTCHours()} * * *`;
}

/**
 * A server that ran for two hours with what `fill` adds, then didn't run for a day, and lost what was due; and what time it
 * is there and `fill` gave.
 */
export async function serverAfterDowntime<T>(
  { dataFile, apiKey }: { dataFile: string; apiKey: string },
  fill: (server: EmbeddedServer) => Promise<T>,
): Promise<{ server: EmbeddedServer; nowMs: number; filled: T }> {
  let aheadMs = 0;
  const options = { dataFile, apiKey, now: () => Date.now() + aheadMs };
  const before = await embedDevServer(options);
  const filled = await fill(before);
  // It keeps how far its clock was moved.
  await before.advance(ranMs / 1_000);
  await before.close();
  aheadMs = 26 * hourMs;
  await loseDueRuns(dataFile, options.now() + ranMs);
  const server = await embedDevServer(options);
  await server.advance(1);
  return { server, nowMs: options.now() + ranMs, filled };
}
