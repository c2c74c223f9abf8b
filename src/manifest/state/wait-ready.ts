import { errorOf, type ItemResult, isNotReady, UnreadyError, unreadiness } from "../../fleet/outcome.js";
import type { DeploymentTarget } from "../../fleet/selection.js";
import type { ActualAutomation } from "../plan/plan-item.js";
import { listEssentials, type ReadingOptions, readEach } from "./listing.js";

/** Milliseconds to wait for deployments that aren't ready, all at once; absent: not at all. */
export interface WaitReady {
  namedMs?: number | undefined;
  foundMs?: number | undefined;
}

export interface WaitOptions extends ReadingOptions {
  waitReady?: WaitReady | undefined;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export type DeploymentListing = ItemResult<DeploymentTarget, ActualAutomation[]>;

const pollMs = 2000;

/**
 * Waits for deployments whose automations couldn't be listed because they aren't ready, and lists them; of the others
 * it finds out which are broken.
 */
export async function waitUntilReady(
  listed: readonly DeploymentListing[],
  options: WaitOptions,
): Promise<DeploymentListing[]> {
  const { client, signal, sleep } = options;
  const results = new Map<DeploymentTarget, DeploymentListing>();
  const isOpen = ({ outcome }: DeploymentListing) => isNotReady(errorOf(outcome));
  let open = listed.filter(isOpen).map(({ item }) => item);
  for (let waitedMs = 0; open.length > 0; waitedMs += pollMs) {
    const looked = await readEach<DeploymentTarget, ActualAutomation[] | "open">(
      {
        stage: "deployments",
        items: open,
        read: (target) => look(target, { ...options, waitedMs }),
      },
      { client, signal },
    );
    open = [];
    for (const { item, outcome } of looked) {
      if ("value" in outcome && outcome.value === "open") open.push(item);
      else results.set(item, { item, outcome } as DeploymentListing);
    }
    const longestMs = Math.max(0, ...open.map((target) => waitFor(target, options)));
    if (open.length > 0) await sleep(Math.min(pollMs, longestMs - waitedMs), signal);
  }
  return listed.map((each) => results.get(each.item) ?? each);
}

function waitFor({ isNamed }: DeploymentTarget, { waitReady = {} }: WaitOptions): number {
  return (isNamed ? waitReady.namedMs : waitReady.foundMs) ?? 0;
}

async function look(
  target: DeploymentTarget,
  options: WaitOptions & { waitedMs: number },
): Promise<ActualAutomation[] | "open"> {
  const { client, signal, waitedMs } = options;
  const { deployment_id, name } = target;
  const waitMs = waitFor(target, options);
  const known = waitMs === 0 && target.status !== "ready" ? target.status : undefined;
  const status = known ?? (await client.deployments.get(deployment_id, { signal })).status;
  if (status === "ready") return listEssentials(deployment_id, options);
  if (status === "error") {
    throw new UnreadyError(`${name} ${unreadiness(true)}: it won't become ready`, true);
  }
  if (waitMs === 0) throw new UnreadyError(`${name} ${unreadiness(false)}`, false);
  if (waitedMs < waitMs) return "open";
  const hint = "--wait-ready waits longer";
  throw new UnreadyError(`${name} is still ${status} after ${Math.round(waitedMs / 1000)}s`, false, { hint });
}
