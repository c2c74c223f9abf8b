import type { Context } from "../../context.js";
import { NothingFoundError, UsageError } from "../../errors.js";
import { mayBeChanged } from "../../fleet/outcome.js";
import type { Change } from "../../history/change.js";
import { readChange, readChanges } from "../../history/read.js";
import { describeApi, isSameApi } from "../../incident/identity.js";
import type { ApiIdentity } from "../../incident/ledger-lines.js";

const mostNamed = 5;
/** What stands for an id: the last change. */
const last = "last";

/**
 * The change of this id; for `last`, and without one where somebody can be asked about it, the last that isn't an undo itself.
 * Throws NothingFoundError with the last five, and UsageError where it is another API's.
 */
export async function chooseChange(
  context: Context,
  { id, api }: { id: string | undefined; api: ApiIdentity },
): Promise<Change> {
  if (id === undefined || id === last) return lastChange(context, { api, isNamed: id === last });
  const change = readChange(context.settings, id);
  if (change === undefined) throw notFound(context, { id, api });
  if (!isSameApi(change.target, api)) {
    throw new UsageError(
      `change ${id} was made at ${describeApi(change.target)}, not at ${describeApi(api)}`,
      { hint: `nothing was sent; its profile was "${change.target.profile}"` },
    );
  }
  refuseIncident(change);
  return change;
}

function lastChange(context: Context, { api, isNamed }: { api: ApiIdentity; isNamed: boolean }): Change {
  for (const change of readChanges(context.settings)) {
    if (change.undoes !== undefined || !isSameApi(change.target, api)) continue;
    // All that failed, or was never sent, is nothing to take back.
    if (!change.items.some(mayBeChanged)) continue;
    refuseIncident(change);
    if (isNamed || context.io.canPrompt) return change;
    throw new UsageError("which change? Without an id it shows the last one and asks", {
      hint: (herm) =>
        `${herm("undo", change.id, "--yes")} undoes the last one, and so does "last" in its place`,
    });
  }
  throw new NothingFoundError("nothing was changed at this API with this data folder", {
    hint: (herm) => `${herm("config", "list")} shows where that is`,
  });
}

/** What an incident changed is brought back by its own resume, which knows what it may touch. Throws UsageError. */
function refuseIncident({ id, incident }: Change): void {
  if (incident === undefined) return;
  throw new UsageError(`${id} is an incident's`, {
    hint: (herm) =>
      `${herm("automations", "resume", "--incident", incident)} brings back what it paused; nothing was sent`,
  });
}

function notFound(context: Context, { id, api }: { id: string; api: ApiIdentity }): NothingFoundError {
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
