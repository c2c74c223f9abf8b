import { msOf } from "../api/schema.js";
import { isLeftBy, type KnownChange, type Reading } from "./proven-times.js";

export interface LastEdit {
  atMs: number;
  /** True if it was resumed from here; false if it was edited, or changed elsewhere. */
  isResume: boolean;
}

/**
 * Finds the last resume, or edit of the schedule or instructions, that is still in effect. From `updated_at`, steps
 * back over pauses, changes that were undone, and other changes from here. Undefined if the API sends no `updated_at`.
 */
export function lastEdit(current: Reading, changes: readonly KnownChange[]): LastEdit | undefined {
  let atMs = msOf(current.updated_at);
  if (atMs === undefined) return undefined;
  const ordered = changes.toSorted((one, other) => one.atMs - other.atMs);
  const standing = standingChanges(ordered);
  for (const { change, before } of stepsBack(current, ordered)) {
    if (change.change === "resume") return { atMs, isResume: true };
    const beforeMs = msOf(before);
    // The text of the instructions may not be known.
    const isEdit = ["schedule", "instructions"].some((field) => field in (change.after ?? {}));
    if (beforeMs === undefined || (isEdit && standing.includes(change))) break;
    atMs = beforeMs;
  }
  return { atMs, isResume: false };
}

/**
 * Steps back in the same way as `lastEdit`, over later changes to the automation (oldest first), to a change from here.
 * Returns null if it gets there, or else the `updated_at` that none of them left; undefined if the API sends none.
 */
export function strangeStamp(
  current: Reading,
  { own, since }: { own: KnownChange; since: readonly KnownChange[] },
): string | null | undefined {
  let stamp = current.updated_at || undefined;
  if (stamp === undefined || own.updated_at === undefined) return undefined;
  for (const { change, before } of stepsBack(current, [own, ...since])) {
    if (change === own) return null;
    stamp = before ?? stamp;
  }
  return stamp;
}

/** Leaves out changes that were undone, and the undos; oldest first. */
export function standingChanges<Change extends Pick<KnownChange, "id" | "undoes">>(
  changes: readonly Change[],
): Change[] {
  const ids = new Set(changes.map(({ id }) => id));
  const undone = new Set<string | undefined>();
  const isStanding = ({ id, undoes }: Change) => {
    if (undone.has(id) || undoes === undefined || !ids.has(undoes)) return !undone.has(id);
    undone.add(undoes);
    return false;
  };
  return changes.toReversed().filter(isStanding).reverse();
}

/** Finds the changes that led to the state that was read, newest first, each with the `updated_at` before it. */
function* stepsBack(
  current: Reading,
  changes: readonly KnownChange[],
): Generator<{ change: KnownChange; before: string | undefined }> {
  const open = new Set(changes.toReversed());
  let reading = current;
  while (true) {
    const change = [...open].find((each) => isLeftBy(each, reading, changes));
    if (change === undefined) return;
    open.delete(change);
    const before = change.before?.updated_at || undefined;
    reading = { ...reading, ...change.before, updated_at: before };
    yield { change, before };
  }
}
