import type { Context } from "../../context.js";
import { NothingFoundError, UsageError } from "../../errors.js";
import { mayBeChanged } from "../../fleet/outcome.js";
import type { Change } from "../../history/change.js";
import { wasForgotten } from "../../history/folder.js";
import { readChange, readChanges } from "../../history/read.js";
import { describeApi, isSameApi } from "../../incident/identity.js";
import type { ApiIdentity } from "../../incident/ledger-lines.js";

const mostNamed = 5;

/** The change of this id. Throws NothingFoundError with the last five, and UsageError where it is another API's. */
export function namedChange(context: Context, { id, api }: { id: string; api: ApiIdentity }): Change {
  const change = readChange(context.settings, id);
  if (change === undefined) throw notFound(context, { id, api });
  if (!isSameApi(change.target, api)) {
    throw new UsageError(
      `change ${id} was made at ${describeApi(change.target)}, not at ${describeApi(api)}`,
      { hint: `nothing was sent; its profile was "${change.target.profile}"` },
    );
  }
  return change;
}

/** What may be the last change. */
export interface LastChange {
  change: Change;
  /** The undo of it that didn't come to its end: where nothing of that is left to do the next one is meant. */
  unfinished?: string;
}

/** The last change that isn't an undo itself, and before it those whose undo came later and is unfinished. */
export function* lastChanges(context: Context, api: ApiIdentity): Generator<LastChange> {
  const undone = new Set<string>();
  for (const change of readChanges(context.settings)) {
    if (!isSameApi(change.target, api)) continue;
    const { id, undoes, items } = change;
    if (undoes === undefined) {
      // All that failed, or was never sent, is nothing to take back.
      if (!items.some(mayBeChanged)) continue;
      yield { change };
      return;
    }
    const isOpen = !isFinished(change) && !undone.has(undoes) && !undone.has(id);
    undone.add(undoes);
    const before = isOpen ? readChange(context.settings, undoes) : undefined;
    if (before !== undefined) yield { change: before, unfinished: id };
  }
}

/** What an incident's undo left alone was looked at. */
function isFinished({ incident, items }: Change): boolean {
  return items.every(({ result }) => result === "done" || (incident !== undefined && result === "skipped"));
}

/** The refusal where nobody said which change is meant. */
export function whichChange({ id }: Change): UsageError {
  return new UsageError("which change? Without an id it shows the last one and asks", {
    hint: (herm) => `${herm("undo", id, "--yes")} undoes the last one, and so does "last" in its place`,
  });
}

function notFound(context: Context, { id, api }: { id: string; api: ApiIdentity }): NothingFoundError {
  if (wasForgotten(context.settings, id)) return new NothingFoundError(`change ${id} is no longer kept`);
  const ids: string[] = [];
  for (const change of readChanges(context.settings)) {
    if (isSameApi(change.target, api)) ids.push(change.id);
    if (ids.length === mostNamed) break;
  }
  return new NothingFoundError(`there is no change ${JSON.stringify(id)} in this data folder`, {
    hint: (herm) =>
      ids.length === 0
        ? `${herm("history")} lists what it knows`
        : `the last here: ${ids.join(", ")}; ${herm("history")} lists them`,
  });
}
