import { NotFoundError } from "../../api/errors.js";
import type { Automation, AutomationDetail } from "../../api/types.js";
import type { OnceSender } from "../../changes/once.js";
import { prepareDelete, prepareUpdate, type ReadyChange } from "../../changes/planned.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import type { Success } from "../../fleet/outcome.js";
import type { NewItem } from "../../history/change.js";
import { isAsMade } from "../../history/undo-plan.js";
import type { OpenChange, RecordedItem } from "../sending/change.js";
import { creationItem, deletionItem, updateItem } from "../sending/items.js";
import { takeTurn } from "../sending/turn.js";
import { listAutomations } from "../targets/automations.js";
import { deploymentName, type OpenStep, type PreparedUndo } from "./prepared.js";

type Restore = Extract<OpenStep, { does: "restore" }>;
type Remove = Extract<OpenStep, { does: "remove" }>;
type Remake = Extract<OpenStep, { does: "remake" }>;

interface Tools {
  recording: OpenChange;
  sender: OnceSender;
  prepared: PreparedUndo;
}

/** Sends the steps of an undo. `record` comes before the first. */
export class StepSender {
  readonly #recorded = new Map<OpenStep, RecordedItem | undefined>();
  /** Ids of what stands for deleted ones by now. */
  readonly #made = new Set<string>();

  constructor(
    private readonly context: Context,
    private readonly tools: Tools,
  ) {}

  /** Records all of them: an undo that is cut off tells by that what is left of it. Throws UnrecordedError. */
  async record(): Promise<void> {
    const { recording, prepared } = this.tools;
    const { steps } = prepared.plan;
    const items = await recording.add(steps.map(itemOf));
    for (const [at, step] of steps.entries()) this.#recorded.set(step, items[at]);
  }

  /** Gives the automation's id. Throws NotPossibleError where it isn't any more as the plan found it. */
  send(step: OpenStep): Promise<Success<string>> {
    if (step.does === "remake") return this.#remake(step);
    return step.does === "remove" ? this.#remove(step) : this.#restore(step);
  }

  /** Whether the plan saw it, or it stands for a deleted one by now. */
  isKnown(deploymentId: string, automationId: string): boolean {
    const seen = this.tools.prepared.seen.get(deploymentId);
    return seen?.has(automationId) === true || this.#made.has(automationId);
  }

  async #restore(step: Restore): Promise<Success<string>> {
    const { item, current, fields } = step;
    const { automation_id: automationId } = current;
    const plan = { deploymentId: item.deployment_id, automationId, planned: current, fields };
    return this.#sendReady(step, prepareUpdate(this.context, plan));
  }

  async #remove(step: Remove): Promise<Success<string>> {
    const { item, current } = step;
    const { automation_id: automationId } = current;
    const check = ({ recent_runs }: AutomationDetail) => {
      if (recent_runs.length > 0) throw new NotPossibleError("it has run meanwhile");
    };
    const plan = { deploymentId: item.deployment_id, automationId, planned: current, check };
    return this.#sendReady(step, prepareDelete(this.context, plan));
  }

  async #sendReady<T>(step: Restore | Remove, preparing: Promise<ReadyChange<T>>): Promise<Success<string>> {
    const { automation_id: value } = step.current;
    try {
      const sent = await this.tools.recording.sendReady(this.#recordedOf(step), await preparing);
      return { result: sent === undefined ? "unchanged" : "done", value };
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      if (step.does === "remove") return { result: "unchanged", value };
      throw new NotPossibleError("deleted meanwhile");
    }
  }

  /** Alone with this data folder from the list to the sending, so that it is made once. */
  async #remake(step: Remake): Promise<Success<string>> {
    const { item, fields } = step;
    const { deployment_id: deploymentId } = item;
    const { prepared, sender } = this.tools;
    const turn = await takeTurn(this.context, {
      deploymentId,
      deployment: deploymentName(prepared, deploymentId),
      work: "create",
      creates: [fields],
      printer: prepared.session.printer,
    });
    const onSent = (answer?: Automation) => {
      if (answer !== undefined) this.#made.add(answer.automation_id);
      turn.release();
    };
    try {
      const present = await listAutomations(this.context, deploymentId);
      const known = new Set(present.map(({ automation_id }) => automation_id));
      const newer = present.find(
        ({ automation_id, name }) => name === fields.name && !this.isKnown(deploymentId, automation_id),
      );
      if (newer !== undefined) return await this.#take(step, newer);
      const create = { deploymentId, fields, known };
      const send = async () => (await sender.create(create, onSent)).value;
      const { automation_id: value } = await this.tools.recording.send(this.#recordedOf(step), { send });
      this.#made.add(value);
      return { result: "done", value };
    } finally {
      turn.release();
    }
  }

  /** One of its name came after the plan: if it is the same nothing is to be made again. */
  async #take({ item, fields }: Remake, { automation_id: value }: Automation): Promise<Success<string>> {
    const client = await this.context.client();
    const options = { signal: this.context.signal };
    const newer = await client.automations.get(item.deployment_id, value, options);
    if (!isAsMade(newer, fields)) throw new NotPossibleError(`another of its name came meanwhile: ${value}`);
    this.#made.add(value);
    return { result: "unchanged", value };
  }

  #recordedOf(step: OpenStep): NewItem | RecordedItem {
    return this.#recorded.get(step) ?? itemOf(step);
  }
}

function itemOf({ item, ...step }: OpenStep): NewItem {
  const { deployment_id: deploymentId } = item;
  switch (step.does) {
    case "remake":
      return creationItem(deploymentId, step.fields);
    case "remove":
      return deletionItem({ deploymentId, before: step.current });
    case "restore":
      return updateItem({ deploymentId, before: step.current }, step.fields);
  }
}
