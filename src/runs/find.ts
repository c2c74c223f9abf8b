/** Finds a run, in the cache or by searching automations. */

import { join } from "node:path";
import type { HermClient } from "../api/client.js";
import { ApiError } from "../api/errors.js";
import { isObject } from "../api/json.js";
import type { Automation, AutomationDetail, AutomationRef, Run } from "../api/types.js";
import { readLines } from "../files/json-text.js";
import { automationPages } from "../fleet/lists.js";
import type { Settings } from "../settings/settings.js";

export interface FoundRun {
  deployment_id: string;
  automation: AutomationDetail;
  run: Run;
}

export function waitingRun({ recent_runs }: Pick<AutomationDetail, "recent_runs">): Run | undefined {
  return recent_runs.find(({ status }) => status === "waiting_on_human");
}

export interface RunRef {
  run_id: string;
  deployment_id: string | undefined;
}

/** Parses `run_…` and `dep_…/run_…`; undefined if the text is the name of an automation. */
export function parseRunRef(text: string): RunRef | undefined {
  const [, deployment_id, run_id] = /^(?:(dep_\w+)\/)?(run_\w+)$/.exec(text) ?? [];
  return run_id === undefined ? undefined : { run_id, deployment_id };
}

interface FindRunOptions {
  client: HermClient;
  run_id: string;
  signal: AbortSignal;
  /** The limit for each request, in ms. */
  maxWaitMs?: number;
  /** Maximum requests in a search, including lists; the eight most likely automations are always read. */
  requestLimit?: number;
  atOnce?: number;
}

/** Reads a run where the cache says it is; undefined if it is no longer among that automation's recent runs. */
export async function readRunAt(
  { client, run_id, signal, maxWaitMs }: FindRunOptions,
  { deployment_id, automation_id }: AutomationRef,
): Promise<FoundRun | undefined> {
  try {
    const automation = await client.automations.get(deployment_id, automation_id, { signal, maxWaitMs });
    const run = automation.recent_runs.find((each) => each.run_id === run_id);
    return run && { deployment_id, automation, run };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

const usualRequestLimit = 200;

/** Searches the automations, running ones first, then by their last runs; undefined if the run isn't found. */
export async function searchRun(
  options: FindRunOptions,
  deployment_id: string,
): Promise<FoundRun | undefined> {
  const { requestLimit = usualRequestLimit, atOnce = 8 } = options;
  const { locations, pages } = await readPagesOf({ ...options, requestLimit }, deployment_id);
  // The automations that are running come first, so that the most likely are read, however long the list was.
  let remaining = Math.max(requestLimit - pages, 8);
  while (locations.length > 0 && remaining > 0) {
    const batch = locations.splice(0, Math.min(atOnce, remaining));
    remaining -= batch.length;
    const found = await Promise.all(batch.map((location) => readRunAt(options, location)));
    const hit = found.find((each) => each !== undefined);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

async function readPagesOf(
  { client, signal, maxWaitMs, requestLimit }: FindRunOptions & { requestLimit: number },
  deployment_id: string,
): Promise<{ locations: AutomationRef[]; pages: number }> {
  const automations: Automation[] = [];
  let pages = 0;
  for await (const page of automationPages(client, deployment_id, { signal, maxWaitMs })) {
    automations.push(...page.data);
    pages += 1;
    if (pages >= requestLimit) break;
  }
  const ran = automations.filter((automation) => automation.last_run_at);
  const underWayRank = ({ last_run_status: status }: Automation) =>
    Number(status === "running" || status === "waiting_on_human");
  ran.sort(
    (one, other) =>
      underWayRank(other) - underWayRank(one) ||
      Date.parse(other.last_run_at ?? "") - Date.parse(one.last_run_at ?? ""),
  );
  return {
    locations: ran.map(({ automation_id }) => ({ deployment_id, automation_id })),
    pages,
  };
}

/** Where a run is, so that it can be found again: the API has no call for a single run (src/runs/README.md). */
interface CachedRun extends AutomationRef {
  run_id: string;
  /** An event of the deployment from before the run's first one, after which its stream can be replayed. */
  after_event?: string | undefined;
}

interface Line extends CachedRun {
  origin: string;
}

interface RunCacheStorage extends Pick<Settings, "dataDir" | "files"> {
  target(): { baseUrl: string | undefined };
}

export const mostCachedRuns = 1_000;

/**
 * Stores runs that were started or seen, in a file in the data folder (0600). Never throws, because a full or read-only
 * disk mustn't make a command fail that has succeeded.
 */
export async function cacheRuns(storage: RunCacheStorage, runs: readonly CachedRun[]): Promise<void> {
  if (runs.length === 0) return;
  try {
    const path = pathOf(storage);
    const origin = originOf(storage);
    const fresh = runs.map(({ run_id, deployment_id, automation_id, after_event }): Line => {
      return { origin, run_id, deployment_id, automation_id, after_event };
    });
    const before = byKey(linesOf(storage));
    const isKnown = (line: Line) => {
      const known = before.get(keyOf(line));
      return known && (line.after_event ?? known.after_event) === known.after_event;
    };
    if (fresh.every(isKnown)) return;
    await storage.files.withLock(path, () => {
      const lines = byKey(linesOf(storage));
      for (const line of fresh) {
        const after_event = line.after_event ?? lines.get(keyOf(line))?.after_event;
        lines.set(keyOf(line), { ...line, after_event });
      }
      const newest = [...lines.values()].slice(-mostCachedRuns).map((line) => `${JSON.stringify(line)}\n`);
      storage.files.write(path, newest.join(""));
    });
  } catch {
    // This only makes a later search slower.
  }
}

export function cachedRun(storage: RunCacheStorage, run_id: string): CachedRun | undefined {
  try {
    const origin = originOf(storage);
    return linesOf(storage).find((line) => line.run_id === run_id && line.origin === origin);
  } catch {
    return undefined;
  }
}

/** The cached runs for the current API, newest last. Throws what reading a private file throws. */
export function cachedRuns(storage: RunCacheStorage): CachedRun[] {
  const origin = originOf(storage);
  return linesOf(storage).filter((line) => line.origin === origin);
}

function byKey(lines: readonly Line[]): Map<string, Line> {
  return new Map(lines.map((line) => [keyOf(line), line]));
}

function pathOf({ dataDir }: RunCacheStorage): string {
  return join(dataDir, "runs.jsonl");
}

function originOf(storage: RunCacheStorage): string {
  return storage.target().baseUrl ?? "local";
}

function linesOf(storage: RunCacheStorage): Line[] {
  const lines = readLines(storage.files.read(pathOf(storage)) ?? "", isLine);
  return lines.filter((line) => line !== undefined);
}

function isLine(value: unknown): value is Line {
  const fields = ["origin", "run_id", "deployment_id", "automation_id"];
  const isPlaced = isObject(value) && fields.every((field) => typeof value[field] === "string");
  return isPlaced && (value.after_event === undefined || typeof value.after_event === "string");
}

function keyOf({ origin, run_id }: Line): string {
  return `${origin} ${run_id}`;
}
