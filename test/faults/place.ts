import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EmbeddedServer, embedDevServer } from "../../src/dev-server/embed.js";
import { addAutomation } from "../incident/fleet.js";
import { dailyInDowntime, serverAfterDowntime } from "../support/downtime.js";
import type { FaultTrial } from "./matrix.js";
import { hourlyNames, type Place, settle } from "./truth.js";

/** A server, a home, and the initial state of both. */
export interface Home {
  server: EmbeddedServer;
  home: string;
  /** The server's time. */
  now: Date;
  place: Place;
}

/** How commands run there: in this process, or as separate processes (process.ts). */
export interface Opened {
  /** Without a fault. */
  first(words: readonly string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Prepares the objects of a trial, its files and the commands before it; removes them after `work`. */
export async function inPlace<Means extends Opened, T>(
  trial: FaultTrial,
  open: (home: Home) => Promise<Means>,
  work: (home: Home & { means: Means }) => Promise<T>,
): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "herm-faults-"));
  const begun = { home, ...(await (trial.hasDowntime === true ? settledAfterDowntime(home) : settled())) };
  const { server, place, now } = begun;
  const means = await open(begun);
  try {
    for (const [name, text] of Object.entries(trial.files ?? {})) writeFileSync(join(home, name), text);
    for (const words of trial.first?.(place) ?? []) await means.first(words);
    const passedMs = (trial.hours ?? 0) * 3_600_000;
    if (passedMs > 0) await server.advance(passedMs / 1000);
    return await work({ ...begun, means, now: new Date(now.getTime() + passedMs) });
  } finally {
    await means.close();
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

type Settled = Omit<Home, "home">;

async function settled(): Promise<Settled> {
  const server = await embedDevServer();
  return { server, place: await settle(server), now: new Date() };
}

/** `hourly 1` and `hourly 2` are due once a day, and missed a run in a day of downtime. */
async function settledAfterDowntime(home: string): Promise<Settled> {
  const data = { dataFile: join(home, "downtime.db"), apiKey: "hk_faults_0000" };
  const { server, nowMs, filled } = await serverAfterDowntime(data, async (before) => {
    const place = await settle(before);
    for (const name of hourlyNames) await addAutomation(before, { name, schedule: dailyInDowntime() });
    return place;
  });
  return { server, place: filled, now: new Date(nowMs) };
}
