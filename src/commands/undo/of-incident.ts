import type { Context } from "../../context.js";
import type { Change } from "../../history/change.js";
import { readChange } from "../../history/read.js";
import { itemsToUndo } from "../../history/undo-plan.js";
import { createPrinter } from "../../output/printer.js";
import { hasHadIncidents } from "../automations/shared/incident-marks.js";
import { readApiIdentity } from "../fleet/identity.js";
import { lastChanges, whichChange } from "./choose-change.js";
import type { UndoInput } from "./plan.js";

/** The change that is meant, where it is an incident's; else undefined. Throws UsageError as `planChosen`. */
export async function chosenOfIncident(
  context: Context,
  { change: id }: UndoInput,
): Promise<Change | undefined> {
  if (!hasHadIncidents(context)) return undefined;
  if (id !== undefined && id !== "last") {
    const named = readChange(context.settings, id);
    return named?.incident === undefined ? undefined : named;
  }
  const api = await readApiIdentity(context, await context.client());
  for (const { change, unfinished } of lastChanges(context, api)) {
    if (change.incident === undefined) return undefined;
    if (id === undefined && !context.io.canPrompt) throw whichChange(change);
    if (unfinished !== undefined) {
      const printer = await createPrinter(context);
      printer.note(`${unfinished}, which undoes ${change.id}, didn't come to its end: this goes on with it`);
    }
    return change;
  }
  return undefined;
}

/**
 * Takes back what one command changed for its incident: of a pause by a resume of what that one paused, of a resume by a pause
 * of what it brought back, edited since or not (src/incident/README.md, "Taking back").
 */
export async function undoOfIncident(context: Context, change: Change, input: UndoInput): Promise<void> {
  const { dryRun, yes, concurrency, selection } = input;
  const { incident } = change;
  const undoes = { ...change, items: itemsToUndo(change) };
  const how = { incident, ledger: undefined, dryRun, yes, concurrency, undoes };
  if (change.items.some(({ act }) => act === "resume")) {
    const { pauseIncident } = await import("../automations/pause/incident.js");
    const choice = { refs: [], selection, isSelection: false, isSingle: false };
    return pauseIncident(context, { ...how, choice, tell: undefined });
  }
  const { resumeIncident } = await import("../automations/resume/incident.js");
  return resumeIncident(context, { ...how, refs: [], selection, includeChanged: false, catchUp: false });
}
