import { join } from "node:path";
import { isObject } from "../api/json.js";
import type { AutomationRef } from "../api/types.js";
import { readLines } from "../files/json-text.js";
import type { Settings } from "../settings/settings.js";

/** The location of a run: the API has no call for one run, so this is what finds it again (src/runs/README.md). */
interface CachedRun extends AutomationRef {
  run_id: string;
  /** An event of the deployment before all of the run's, from which its stream can be replayed. */
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
 * Stores runs that were started or seen in a file of the data folder (0600). Never throws: a full or read-only disk
 * must not make a command fail that did its work.
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
    // Looking for it will take longer; nothing else is lost.
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

/** The cached runs of the API in use, the newest last. Throws what reading a private file throws. */
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
