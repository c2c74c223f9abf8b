import type { Context } from "../../context.js";
import { wentWrong } from "../../fleet/outcome.js";
import { placeIncidentChange } from "../../history/folder.js";
import { type ChangeResult, type ChangeWork, changeItems } from "../../incident/change.js";
import type { Candidate } from "../../incident/scope.js";
import type { Printer } from "../../output/printer.js";
import { openProgress } from "../fleet/progress.js";
import { progressLine, resultRow } from "../fleet/rows.js";
import { newIdOfChange } from "../sending/change.js";
import { openTouchNotes } from "../sending/touch.js";
import { typedCommand } from "../sending/typed.js";
import { whoSends } from "../sending/who.js";
import type { OpenIncident } from "./ledger-choice.js";

/** Pauses or resumes what a plan says, each recorded in the ledger before it is sent, and shows how far it is. */
export async function changePlanned<Item extends Candidate>(
  context: Context,
  printer: Printer,
  work: OpenIncident & Pick<ChangeWork<Item>, "change" | "items" | "concurrency" | "check" | "stopped">,
): Promise<ChangeResult<Item>[]> {
  const { choice, change, items } = work;
  const verb = change === "pause" ? "Pausing" : "Resuming";
  const progress = openProgress(context, printer, { verb, total: items.length });
  const touches = await openTouchNotes(context);
  const at = context.now().toISOString();
  const place = newIdOfChange(context);
  if (items.length > 0) placeIncidentChange(context.settings, { id: place, at, incident: choice.incident });
  try {
    return await changeItems<Item>({
      ...work,
      context,
      touches,
      incident: choice.incident,
      begins: {
        at,
        by: whoSends(context),
        command: typedCommand(context),
        reason: context.reason,
        place,
      },
      onOutcome: (item, outcome) => {
        progress.item(() => progressLine(resultRow({ item, outcome }, change)), wentWrong(outcome));
      },
    });
  } finally {
    progress.finish();
    await touches.close();
  }
}
