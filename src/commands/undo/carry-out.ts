import { commandAgain } from "../../command/again.js";
import type { Context } from "../../context.js";
import { execute } from "../../fleet/execute.js";
import { type ItemResult, mayBeChanged, wentWrong } from "../../fleet/outcome.js";
import { groupBy } from "../../manifest/group-by.js";
import { undoChange } from "../automations/shared/undo.js";
import { countsOf, printCounts, throwEnding } from "../fleet/ending.js";
import { printRows } from "../fleet/print-rows.js";
import { openProgress } from "../fleet/progress.js";
import { progressLine } from "../fleet/rows.js";
import { openChange } from "../sending/change.js";
import {
  findMadeTwice,
  type MadeIn,
  type MadeTwice,
  madeTwiceText,
  refuseMadeTwice,
} from "../sending/made-twice.js";
import { openSenderOfMany } from "../sending/once.js";
import { deploymentName, type OpenStep, type PreparedUndo } from "./prepared.js";
import { tellRecord } from "./record-note.js";
import { undoneRow, untouchedRows } from "./rows.js";
import { StepSender } from "./step-sender.js";

/** Sends what takes a change back, several at once, and says what came of it. Throws what the exit code asks for. */
export async function carryOutUndo(context: Context, prepared: PreparedUndo): Promise<void> {
  const { plan, session, change, input } = prepared;
  const { printer, client } = session;
  const progress = openProgress(context, printer, { verb: "Undoing", total: plan.steps.length });
  const recording = await openChange(context, { undoes: change.id, record: change.record });
  const once = openSenderOfMany(context, { printer, progress });
  const sender = new StepSender(context, { recording, sender: once, prepared });
  let results: UndoResult[];
  try {
    await sender.record();
    results = await execute<OpenStep, string>({
      items: plan.steps,
      signal: context.signal,
      concurrency: input.concurrency,
      deploymentOf: ({ item }) => item.deployment_id,
      persistence: client.persistence,
      run: (step) => sender.send(step),
      onOutcome: (item, outcome) => {
        progress.item(() => progressLine(undoneRow({ item, outcome })), wentWrong(outcome));
      },
    });
  } finally {
    progress.finish();
    await once.close();
    await recording.close();
  }
  const places = placesOf(prepared, results, sender);
  const madeTwice = await findMadeTwice(context, { places, printer });
  await summarise(context, prepared, { results, id: recording.id, madeTwice });
}

type UndoResult = ItemResult<OpenStep, string>;

/** Where something was made again. */
function placesOf(
  prepared: PreparedUndo,
  results: readonly UndoResult[],
  sender: Pick<StepSender, "isKnown">,
): MadeIn[] {
  const made = results.filter(({ item, outcome }) => item.does === "remake" && outcome.result === "done");
  return [...groupBy(made, ({ item }) => item.item.deployment_id)].map(([deploymentId, theirs]) => ({
    deploymentId,
    deployment: deploymentName(prepared, deploymentId),
    names: new Set(theirs.flatMap(({ item }) => (item.does === "remake" ? item.fields.name : []))),
    known: { has: (id) => sender.isKnown(deploymentId, id) },
  }));
}

interface Summary {
  results: readonly UndoResult[];
  /** Of the undo itself. */
  id: string;
  madeTwice: readonly MadeTwice[];
}

async function summarise(
  context: Context,
  prepared: PreparedUndo,
  { results, id, madeTwice }: Summary,
): Promise<void> {
  const { plan, session, deployments, input, change } = prepared;
  const { printer } = session;
  const rows = [...results.map(undoneRow), ...untouchedRows(plan)];
  await printRows(printer, {
    rows,
    isFleet: deployments.length > 1,
    deployments,
    isVerbose: input.verbose,
  });
  const isNothing = rows.every(({ result }) => result === "unchanged");
  if (printer.isForPerson) {
    const changes = isNothing
      ? [
          `nothing left to undo: all${plan.unselected > 0 ? " that was selected" : ""} is as before ${change.id}`,
        ]
      : countsOf(rows, [
          ["undone", "undone"],
          ["unchanged", "as before already"],
          ["left", "left alone"],
          ["failed", "failed"],
          ["unknown", "unknown"],
          ["skipped", "not begun"],
        ]);
    await printCounts(printer, { changes });
  }
  const isChanged = results.some(({ outcome }) => mayBeChanged(outcome));
  if (isChanged) printer.note(`undo: ${undoChange(context, id)}`);
  tellRecord(context, prepared, results);
  for (const twice of madeTwice) printer.warn(madeTwiceText(twice));
  throwEnding(context, {
    rows,
    results,
    done: "undone",
    planned: plan.steps.length,
    isSingle: plan.steps.length === 1,
    hint: () => `${commandAgain(context, { arguments: [change.id] })} goes on`,
  });
  refuseMadeTwice(madeTwice);
}
