import type { AutomationDetail } from "../../api/types.js";
import type { OnceSender } from "../../changes/once.js";
import { prepareDelete, prepareUpdate } from "../../changes/planned.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { execute } from "../../fleet/execute.js";
import { type ItemResult, mayBeChanged, type Success, wentWrong } from "../../fleet/outcome.js";
import { itemKey } from "../../fleet/refs.js";
import { undoChange } from "../automations/shared/undo.js";
import { countsOf, printCounts, throwEnding } from "../fleet/ending.js";
import { printRows } from "../fleet/print-rows.js";
import { openProgress } from "../fleet/progress.js";
import { progressLine } from "../fleet/rows.js";
import { type OpenChange, openChange } from "../sending/change.js";
import { creationItem, deletionItem, updateItem } from "../sending/items.js";
import { openSenderOfMany } from "../sending/once.js";
import { takeTurn } from "../sending/turn.js";
import { listAutomations } from "../targets/automations.js";
import { undoAgain } from "./again.js";
import type { OpenStep, PreparedUndo } from "./prepared.js";
import { tellRecord } from "./record-note.js";
import { undoneRow, untouchedRows } from "./rows.js";

/** Sends what takes a change back, several at once, and says what came of it. Throws what the exit code asks for. */
export async function carryOutUndo(context: Context, prepared: PreparedUndo): Promise<void> {
  const { plan, session, change, input } = prepared;
  const { printer, client } = session;
  const progress = openProgress(context, printer, { verb: "Undoing", total: plan.steps.length });
  const recording = await openChange(context, { undoes: change.id, record: change.record });
  const sender = openSenderOfMany(context, { printer, progress });
  const crew = new Crew(context, { recording, sender, prepared });
  let results: ItemResult<OpenStep, string>[];
  try {
    results = await execute<OpenStep, string>({
      items: plan.steps,
      signal: context.signal,
      concurrency: input.concurrency,
      deploymentOf: ({ item }) => item.deployment_id,
      persistence: client.persistence,
      run: (step) => crew.do(step),
      onOutcome: (item, outcome) => {
        progress.item(() => progressLine(undoneRow({ item, outcome })), wentWrong(outcome));
      },
    });
  } finally {
    progress.finish();
    await sender.close();
    await recording.close();
  }
  await summarise(context, prepared, { results, id: recording.id });
}

interface Tools {
  recording: OpenChange;
  sender: OnceSender;
  prepared: PreparedUndo;
}

class Crew {
  constructor(
    private readonly context: Context,
    private readonly tools: Tools,
  ) {}

  /** Gives the automation's id. Throws NotPossibleError where it isn't any more as the plan found it. */
  async do(step: OpenStep): Promise<Success<string>> {
    const value = await this.#send(step);
    return { result: "done", value };
  }

  #send(step: OpenStep): Promise<string> {
    if (step.does === "remake") return this.#remake(step);
    return step.does === "remove" ? this.#remove(step) : this.#restore(step);
  }

  async #restore({ item, current, fields }: Extract<OpenStep, { does: "restore" }>): Promise<string> {
    const { deployment_id: deploymentId } = item;
    const { automation_id: automationId } = current;
    const plan = { deploymentId, automationId, planned: current, fields };
    const ready = await prepareUpdate(this.context, plan);
    await this.tools.recording.sendReady(updateItem({ deploymentId, before: ready.before }, fields), ready);
    return automationId;
  }

  async #remove({ item, current }: Extract<OpenStep, { does: "remove" }>): Promise<string> {
    const { deployment_id: deploymentId } = item;
    const { automation_id: automationId } = current;
    const check = ({ recent_runs }: AutomationDetail) => {
      if (recent_runs.length > 0) throw new NotPossibleError("it has run meanwhile");
    };
    const ready = await prepareDelete(this.context, { deploymentId, automationId, planned: current, check });
    await this.tools.recording.sendReady(deletionItem({ deploymentId, before: ready.before }), ready);
    return automationId;
  }

  /** Alone with this data folder from the list to the sending, so that it is made once. */
  async #remake({ item, fields }: Extract<OpenStep, { does: "remake" }>): Promise<string> {
    const { deployment_id: deploymentId } = item;
    const { session, deployments } = this.tools.prepared;
    const deployment = deployments.find((each) => each.deployment_id === deploymentId)?.name ?? deploymentId;
    const { printer } = session;
    const turn = await takeTurn(this.context, {
      deploymentId,
      deployment,
      work: "create",
      creates: [fields],
      printer,
    });
    try {
      const present = await listAutomations(this.context, deploymentId);
      const known = new Set(present.map(({ automation_id }) => automation_id));
      const newer = present.find(
        ({ automation_id, name }) => name === fields.name && !this.#isKnown(item, automation_id),
      );
      if (newer !== undefined) {
        throw new NotPossibleError(`another of its name came meanwhile: ${newer.automation_id}`);
      }
      const create = { deploymentId, fields, known };
      const send = async () => (await this.tools.sender.create(create, turn.release)).value;
      return (await this.tools.recording.send(creationItem(deploymentId, fields), { send })).automation_id;
    } finally {
      turn.release();
    }
  }

  /** Whether the plan saw it. */
  #isKnown({ deployment_id }: OpenStep["item"], automation_id: string): boolean {
    return this.tools.prepared.seen.has(itemKey({ deployment_id, automation_id }));
  }
}

interface Summary {
  results: readonly ItemResult<OpenStep, string>[];
  /** Of the undo itself. */
  id: string;
}

async function summarise(context: Context, prepared: PreparedUndo, { results, id }: Summary): Promise<void> {
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
  throwEnding(context, {
    rows,
    results,
    done: "undone",
    planned: plan.steps.length,
    isSingle: plan.steps.length === 1,
    hint: `${undoAgain(context, prepared)} goes on`,
  });
}
