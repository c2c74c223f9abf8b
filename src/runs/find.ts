import type { HermClient } from "../api/client.js";
import { ApiError } from "../api/errors.js";
import type { Automation, AutomationDetail, AutomationRef, Run } from "../api/types.js";
import { automationPages } from "../fleet/lists.js";

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

/** Parses `run_…` and `dep_…/run_…`; undefined: the text names an automation. */
export function parseRunRef(text: string): RunRef | undefined {
  const [, deployment_id, run_id] = /^(?:(dep_\w+)\/)?(run_\w+)$/.exec(text) ?? [];
  return run_id === undefined ? undefined : { run_id, deployment_id };
}

interface FindRunOptions {
  client: HermClient;
  run_id: string;
  signal: AbortSignal;
  /** Milliseconds for each request. */
  maxWaitMs?: number;
  /** Requests of a search, lists included; the eight likeliest automations are read in any case. */
  requestLimit?: number;
  atOnce?: number;
}

/** Reads a run at its cached location; undefined if it isn't among that automation's recent runs any more. */
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

/** Searches the automations, those that are running and then those that ran last first; undefined if it isn't found. */
export async function searchRun(
  options: FindRunOptions,
  deployment_id: string,
): Promise<FoundRun | undefined> {
  const { requestLimit = usualRequestLimit, atOnce = 8 } = options;
  const { locations, pages } = await readPagesOf({ ...options, requestLimit }, deployment_id);
  // Those that are running come first: the likeliest are read however long the list was.
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
