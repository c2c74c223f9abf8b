import type { Automation } from "../../../api/types.js";
import { prepareUpdate } from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { NotPossibleError } from "../../../errors.js";
import { execute } from "../../../fleet/execute.js";
import { type ItemResult, mayBeChanged, type Success, wentWrong } from "../../../fleet/outcome.js";
import { countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { isWholeOutage } from "../../fleet/outage.js";
import { printRows } from "../../fleet/print-rows.js";
import { openProgress } from "../../fleet/progress.js";
import { progressLine } from "../../fleet/rows.js";
import { type OpenChange, openChange } from "../../sending/change.js";
import { updateItem } from "../../sending/items.js";
import { NextRuns } from "../shared/next-runs.js";
import { undoChange } from "../shared/undo.js";
import type { PlannedItem } from "./plan.js";
import { namesOf, type PreparedUpdates } from "./prepared.js";
import { repeatUpdate } from "./repeat.js";
import { untouchedRows, updatedRow } from "./rows.js";
import { misfit } from "./wanted.js";

type UpdateResult = ItemResult<PlannedItem, undefined>;

/** Sends what was planned, several at once, and says what came of it. Throws what the exit code asks for. */
export async function carryOutUpdates(context: Context, prepared: PreparedUpdates): Promise<void> {
  const { plan, session, work } = prepared;
  const { printer, client } = session;
  const { toUpdate } = plan;
  const progress = openProgress(context, printer, { verb: "Updating", total: toUpdate.length });
  const change = await openChange(context);
  const nextRuns = new NextRuns();
  const sender = new Sender(context, { prepared, change, nextRuns });
  let results: UpdateResult[];
  try {
    results = await execute<PlannedItem, undefined>({
      items: toUpdate,
      signal: context.signal,
      concurrency: work.input.concurrency,
      deploymentOf: ({ item }) => item.deployment_id,
      persistence: client.persistence,
      run: (planned) => sender.send(planned),
      onOutcome: (item, outcome) => {
        progress.item(() => progressLine(updatedRow({ item, outcome })), wentWrong(outcome));
      },
    });
  } finally {
    progress.finish();
    await change.close();
  }
  nextRuns.warn(printer);
  await summarise(context, prepared, { results, id: change.id });
}

interface Tools {
  prepared: PreparedUpdates;
  /** One entry of the history. */
  change: OpenChange;
  nextRuns: NextRuns;
}

class Sender {
  readonly #names;

  constructor(
    private readonly context: Context,
    private readonly tools: Tools,
  ) {
    this.#names = namesOf(tools.prepared);
  }

  /**
   * Keeps what it was, reads it again, and sends what differs (src/changes/README.md, "Nothing is lost"). Throws
   * NotPossibleError where it isn't any more as the plan found it.
   */
  async send({ item, before: planned, changes }: PlannedItem): Promise<Success<undefined>> {
    const { context } = this;
    const { deployment_id: deploymentId, automation_id: automationId } = item;
    const check = (current: Automation) => this.#checkFit(current);
    const plan = { deploymentId, automationId, planned, fields: changes, check };
    const ready = await prepareUpdate(context, plan);
    const recorded = updateItem({ deploymentId, before: ready.before }, changes);
    const sent = await this.tools.change.sendReady(recorded, ready);
    if (sent === undefined) return { result: "unchanged", value: undefined };
    const { schedule } = changes;
    if (schedule !== undefined)
      await this.tools.nextRuns.compare(sent.answer, { name: this.#names.of(item), schedule });
    return { result: "done", value: undefined };
  }

  /** A condition may be about a field that isn't sent: what no longer fits it isn't changed. */
  #checkFit(before: Automation): void {
    const field = misfit(before, this.tools.prepared.work.conditions);
    if (field !== undefined) throw new NotPossibleError(`changed meanwhile: ${field}`);
  }
}

async function summarise(
  context: Context,
  prepared: PreparedUpdates,
  { results, id }: { results: readonly UpdateResult[]; id: string },
): Promise<void> {
  const { plan, session, work, deployments } = prepared;
  const { printer } = session;
  const rows = [...results.map(updatedRow), ...untouchedRows(plan)];
  const ending: FleetEnding = {
    rows,
    results,
    done: "updated",
    planned: plan.toUpdate.length,
    isSingle: work.isSingle,
    hint: `${repeatUpdate(context, prepared, results)} finishes it`,
  };
  if (!printer.isForPerson || !isWholeOutage(ending)) {
    await printRows(printer, {
      rows,
      isFleet: deployments.length > 1,
      deployments,
      isSingle: work.isSingle,
      isVerbose: work.input.verbose,
    });
    const changes = countsOf(rows, [
      ["updated", "updated"],
      ["unchanged", "unchanged"],
      ["left", "left alone"],
      ["failed", "failed"],
      ["unknown", "unknown"],
      ["skipped", "not begun"],
    ]);
    if (printer.isForPerson) await printCounts(printer, { changes });
  }
  for (const note of work.wanted.schedule?.notes ?? []) printer.note(note);
  const isChanged = results.some(({ outcome }) => mayBeChanged(outcome));
  if (isChanged) printer.note(`undo: ${undoChange(context, id)}`);
  throwEnding(context, ending);
}
