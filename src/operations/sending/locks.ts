/** Locks in a data folder: a lock for a deployment, and the wait for any lock. */

import { join } from "node:path";
import type { Context } from "../../context/context.js";
import { toUnrecordedError } from "../../files/file-error.js";
import { type LockOptions, untilReleased } from "../../files/lock.js";
import { sha256 } from "../../files/sha256.js";
import { itemKey } from "../../fleet/refs.js";
import { originInUse } from "../../history/api-identity.js";
import type { RecentItem } from "../../history/recent.js";
import type { Printer } from "../../output/printer.js";
import { schedulesEqual } from "../../schedule/compare.js";
import { recentReader } from "./read-recent.js";

type LockedWork = "applying to" | "creating in" | "catching up";

interface Holding {
  work: LockedWork;
  deployment?: string;
  ownChangeId?: string;
  printer: Pick<Printer, "note">;
}

interface DeploymentLock extends Holding {
  deployment_id: string;
  creates: readonly { name: string; schedule: string }[];
}

/**
 * Locks a deployment, from a list to the requests based on it (src/changes/README.md, "At most once"). Also waits for
 * similar open requests by others, so that the list shows their effects. Throws what `waitForLock` throws.
 */
export function lockDeployment(
  context: Context,
  { deployment_id, creates, ...holding }: DeploymentLock,
): Promise<HeldLock> {
  const isSame = ({ act, after, ...item }: RecentItem) =>
    act === "create" &&
    item.deployment_id === deployment_id &&
    creates.some(
      ({ name, schedule }) => name === after.name && schedulesEqual(schedule, after.schedule ?? ""),
    );
  return lockScope(context, { ...holding, scope: deployment_id, isSame });
}

/**
 * Locks catching up for the whole API, because two commands at once would start every run twice. `triggers`: keys of
 * the automations to start. Otherwise like `lockDeployment`.
 */
export function lockCatchUp(
  context: Context,
  { triggers, printer }: { triggers: ReadonlySet<string>; printer: Pick<Printer, "note"> },
): Promise<HeldLock> {
  const isSame = (item: RecentItem) => item.act === "trigger" && triggers.has(itemKey(item));
  return lockScope(context, { work: "catching up", printer, scope: "catch-up", isSame });
}

interface LockScope extends Holding {
  scope: string;
  /** True if another command's request may equal ours. */
  isSame(item: RecentItem): boolean;
}

async function lockScope(
  context: Context,
  { scope, isSame, work, deployment, ownChangeId, printer }: LockScope,
): Promise<HeldLock> {
  const { origin } = originInUse(context);
  // Ids come from the server, and must not lead to another folder.
  const path = join(context.settings.dataDir, "locks", sha256(`${origin} ${scope}`).slice(0, 32));
  const waitedFor = new Set<string>();
  const isToWaitFor = (item: RecentItem) => item.openMs > 0 && isSame(item) && !waitedFor.has(item.key);
  // `another herm (ada on night) applying to Acme`
  const textOf = ({ who, note }: { who: string; note: string }) =>
    [who, note, deployment].filter(Boolean).join(" ");
  for (;;) {
    const lock = await waitForLock(context, { path, printer, note: work, textOf });
    const intents = recentOrThrow(context, ownChangeId, lock).filter(isToWaitFor);
    if (intents.length === 0) return lock;
    lock.release();
    for (const { key } of intents) waitedFor.add(key);
    await context.sleep(Math.max(...intents.map(({ openMs }) => openMs)), context.signal);
  }
}

/** Throws if the history can't be read, so that no request is sent. */
function recentOrThrow(context: Context, except: string | undefined, lock: HeldLock): RecentItem[] {
  try {
    return recentReader(context)({ except });
  } catch (error) {
    lock.release();
    throw toUnrecordedError(error);
  }
}

export interface HeldLock {
  /** Releases it; later calls do nothing. */
  release(): void;
}

export interface LockWait extends Pick<LockOptions, "what" | "note" | "textOf"> {
  printer: Pick<Printer, "note">;
}

const defaultWaitMs = 60_000;
/** Milliseconds to wait without a note, because a lock usually lasts for a few requests. */
const quietMs = 1_000;

/** Waits for a lock, with a note, until one holder has had it for `--max-wait`. A killed holder's lock is free. */
export function lockWait(context: Context, { printer, ...words }: LockWait): LockOptions {
  const { maxWaitMs = defaultWaitMs } = context.settings.flags;
  let isPrinted = false;
  return {
    ...words,
    signal: context.signal,
    monotonic: () => context.monotonic(),
    waitMs: maxWaitMs,
    waitHint: "to wait longer, raise --max-wait",
    onHeld: (text, waitedMs) => {
      if (waitedMs < quietMs || isPrinted) return;
      isPrinted = true;
      printer.note(`${text}: waiting`);
    },
  };
}

/** Waits like `lockWait` for a lock of the data folder. Throws NotPossibleError, which names the holder. */
export async function waitForLock(
  context: Context,
  { path, ...wait }: LockWait & { path: string },
): Promise<HeldLock> {
  const options = lockWait(context, wait);
  try {
    const release = await untilReleased((work) => context.settings.files.withLock(path, work, options));
    return { release };
  } catch (error) {
    throw toUnrecordedError(error);
  }
}
