import { NotFoundError } from "../../../api/errors.js";
import type { OnceSender } from "../../../changes/once.js";
import {
  type PlannedChange,
  prepareDelete,
  prepareUpdate,
  type ReadyChange,
} from "../../../changes/planned.js";
import type { Context } from "../../../context.js";
import { ChangeIgnoredError } from "../../../errors.js";
import { isLeftOpen } from "../../../exit-code.js";
import { execute } from "../../../fleet/crew.js";
import { type Success, wentWrong } from "../../../fleet/outcome.js";
import { unlessGone } from "../../../fleet/read-many.js";
import type { NewItem } from "../../../history/change.js";
import { fieldsToSend, type Task } from "../../../manifest/fleet-plan.js";
import type { Printer } from "../../../output/printer.js";
import { persist } from "../../fleet/persist.js";
import { openProgress } from "../../fleet/progress.js";
import { type OpenChange, openChange } from "../../sending/change.js";
import { creationItem, deletionItem, updateItem } from "../../sending/items.js";
import { findMadeTwice, type MadeTwice } from "../../sending/made-twice.js";
import { openSender, openSenderOfMany } from "../../sending/once.js";
import { NextRuns } from "../shared/next-runs.js";
import { undoChange } from "../shared/undo.js";
import { checkTwin, goneError, placesMade, planOf } from "./as-planned.js";
import { CreateBatches, type KeyedCreate } from "./create-batches.js";
import type { TaskKeeping } from "./record-keeper.js";
import type { TaskResult } from "./rows.js";
import { Turns, type TurnsWork } from "./turns.js";

export interface DoingWork extends Omit<TurnsWork, "printer" | "command"> {
  printer: Printer;
  /** The plan was made by another command. */
  isSaved?: boolean | undefined;
  maxFailures?: number | undefined;
  concurrency?: number | undefined;
  /** Is told of each step, before and after it. */
  keeping?: TaskKeeping | undefined;
}

export interface Doings {
  results: TaskResult[];
  /** What somebody else made of the same names meanwhile. */
  madeTwice: MadeTwice[];
  /** Says where the server will run something at another time than was planned. */
  warn(): void;
  /** Says how it is all taken back. */
  tellUndo(): void;
}

/**
 * Carries out what was planned, several at once, each deployment in its turn; a create is sent at most once, and an update
 * sends only what differs. What fails doesn't stop the others; Ctrl-C lets what is in flight finish.
 */
export async function carryOut(context: Context, work: DoingWork): Promise<Doings> {
  const { tasks, printer, maxFailures, concurrency, keeping } = work;
  const hasBar = context.io.stderrIsTty && !context.settings.flags.quiet;
  const change = await openChange(context, { record: keeping?.file });
  const progress = openProgress(context, printer, { verb: "Applying", total: hasBar ? tasks.length : 0 });
  const note = (text: string) => progress.beside(() => printer.note(text));
  // A log keeps each of them by name; over a bar they would be all that is seen.
  const sender = hasBar ? openSenderOfMany(context, { printer, progress }) : openSender(context, printer);
  const turns = new Turns(context, { ...work, command: "apply", printer: { note } });
  const batches = new CreateBatches({ tasks, change, turns, keeping });
  const nextRuns = new NextRuns();
  const isSaved = work.isSaved === true;
  const tools = { sender, change, turns, batches, nextRuns, keeping, printer, isSaved };
  const crew = new Crew(context, tools);
  let isTold = false;
  try {
    const results = await execute<Task, string>({
      items: tasks,
      signal: context.signal,
      maxFailures,
      concurrency,
      deploymentOf: ({ target }) => target.deploymentId,
      persistence: tasks.length > 1 ? await persist(context) : undefined,
      run: (task) => crew.do(task),
      onOutcome: (_, outcome) => progress.item("", wentWrong(outcome)),
    });
    const madeTwice = await findMadeTwice(context, { places: placesMade(results), printer });
    isTold = true;
    return { results, madeTwice, warn: () => nextRuns.warn(printer), tellUndo: () => crew.tellUndo() };
  } finally {
    progress.finish();
    batches.close();
    sender.close();
    turns.close();
    await change.close();
    if (!isTold) crew.tellUndo();
  }
}

interface Tools {
  sender: OnceSender;
  change: OpenChange;
  turns: Turns;
  batches: CreateBatches;
  nextRuns: NextRuns;
  keeping?: TaskKeeping | undefined;
  printer: Printer;
  isSaved: boolean;
}

class Crew {
  #isChanged = false;

  constructor(
    private readonly context: Context,
    private readonly tools: Tools,
  ) {}

  /** Gives the automation's id. */
  async do(task: Task): Promise<Success<string>> {
    const { turns, keeping, change } = this.tools;
    try {
      const { alreadyThere } = await turns.begin(task, change.id);
      if (alreadyThere !== undefined) {
        await keeping?.found({ ...task.target, name: task.change.name }, alreadyThere);
        return { result: "unchanged", value: alreadyThere };
      }
      return await this.#send(task);
    } finally {
      turns.sent(task);
    }
  }

  async #send(task: Task): Promise<Success<string>> {
    if (task.change.action === "create") return { result: "done", value: await this.#create(task) };
    return task.change.action === "delete" ? this.#delete(task) : this.#update(task);
  }

  tellUndo(): void {
    const { printer, change } = this.tools;
    if (this.#isChanged) printer.note(`undo: ${undoChange(this.context, change.id)}`);
  }

  async #create(task: Task): Promise<string> {
    const { sender, change, turns, batches, keeping } = this.tools;
    const { create, items } = batches.take(task);
    const send = async (resend: () => void) =>
      (await sender.create({ ...create, resend, onLost: () => turns.sent(task) })).value;
    const sending = items.then(([item = creationItem(create.deploymentId, create.fields)]) =>
      change.send(item, { send }),
    );
    const value = await sending.catch(async (error: unknown) => {
      const madeId = error instanceof ChangeIgnoredError ? error.madeId : undefined;
      if (madeId !== undefined) await this.#made(task, { create, automationId: madeId });
      else if (!isLeftOpen(error)) keeping?.unmade(create);
      throw error;
    });
    const { automation_id } = value;
    await this.#made(task, { create, automationId: automation_id });
    await this.tools.nextRuns.compare(value, { name: task.change.name, schedule: create.fields.schedule });
    return automation_id;
  }

  async #made(
    task: Task,
    { create, automationId }: { create: KeyedCreate; automationId: string },
  ): Promise<void> {
    task.known.add(automationId);
    this.#isChanged = true;
    await this.tools.keeping?.made(create, automationId);
  }

  async #update(task: Task): Promise<Success<string>> {
    const { change } = task;
    const plan = planOf(task, this.tools);
    const { deploymentId, automationId: value } = plan;
    const changes = fieldsToSend(change);
    const ready = await prepareUpdate(this.context, { ...plan, fields: changes });
    const item = updateItem({ deploymentId, before: ready.before }, changes);
    const sent = await this.#sendReady(item, ready).catch((error: unknown) => {
      throw error instanceof NotFoundError ? goneError(plan) : error;
    });
    if (sent === undefined) return { result: "unchanged", value };
    const { schedule } = changes;
    if (schedule !== undefined)
      await this.tools.nextRuns.compare(sent.answer, { name: change.name, schedule });
    return { result: "done", value };
  }

  async #delete(task: Task): Promise<Success<string>> {
    const plan = planOf(task, this.tools);
    const { deploymentId, automationId: value } = plan;
    const sent = await unlessGone(this.#sendDeletion(task, plan));
    this.tools.keeping?.deleted({ deploymentId, automationId: value });
    return { result: sent === undefined ? "unchanged" : "done", value };
  }

  /** Throws the API's NotFoundError where it is gone already. */
  async #sendDeletion(task: Task, plan: PlannedChange) {
    const { deploymentId, automationId, isSaved } = plan;
    const ready = await prepareDelete(this.context, plan);
    await this.tools.keeping?.deleting({ deploymentId, automationId });
    const isDone = async () => {
      if (isSaved) await checkTwin(this.context, task);
      return ready.isDone();
    };
    return this.#sendReady(deletionItem({ deploymentId, before: ready.before }), { ...ready, isDone });
  }

  async #sendReady<T>(item: NewItem, ready: ReadyChange<T>) {
    const sent = await this.tools.change.sendReady(item, ready, () => {
      this.#isChanged = true;
    });
    if (sent !== undefined) this.#isChanged = true;
    return sent;
  }
}
