import type { Automation } from "../../api/types.js";
import type { CreateOnce, OnceSender } from "../../changes/once.js";
import { prepareDelete, prepareUpdate } from "../../changes/planned.js";
import type { Context } from "../../context.js";
import { ConflictError, type ExitCode, exitCodes, InterruptedError } from "../../errors.js";
import { execute } from "../../fleet/execute.js";
import type { Touch } from "../../fleet/touches.js";
import { fieldsToCreate, fieldsToSend, type Task } from "../../manifest/fleet-plan.js";
import { unlessGone } from "../../manifest/listing.js";
import type { Printer } from "../../output/printer.js";
import { openProgress } from "../fleet-progress.js";
import { openSender } from "../once-sender.js";
import { openTouchNotes, type TouchNotes } from "../touch.js";
import { exitCodeOf, isUnknown } from "../verdicts.js";
import { keepCopy } from "./kept.js";
import type { TaskResult } from "./manifest-rows.js";
import { UndoList } from "./manifest-undo.js";
import { nextRunMismatch } from "./schedule-flags.js";

export interface DoingWork {
  tasks: readonly Task[];
  printer: Printer;
  maxFailures?: number | undefined;
}

/**
 * Carries out what was planned, several at once; a create is sent at most once, and an update sends only what differs.
 * What fails doesn't stop the others; Ctrl-C lets what is in flight finish.
 */
export async function carryOut(context: Context, work: DoingWork): Promise<TaskResult[]> {
  const { tasks, printer, maxFailures } = work;
  const hasBar = context.io.stderrIsTty && !context.settings.flags.quiet;
  const sender = openSender(context, { note: (text) => (hasBar ? undefined : printer.note(text)) });
  const touches = await openTouchNotes(context);
  const crew = new Crew(context, { sender, touches, printer, tasks });
  const progress = openProgress(context, printer, { verb: "Applying", total: hasBar ? tasks.length : 0 });
  try {
    return await execute<Task, string>({
      items: tasks,
      signal: context.signal,
      exitCodeOf: exitCodeOfChange,
      maxFailures,
      onStart: () => crew.openAhead(),
      run: async (task) => ({ result: "done", value: await crew.do(task) }),
      onOutcome: (_, { result }) => progress.item("", result === "failed" || result === "unknown"),
    });
  } finally {
    progress.finish();
    await touches.close();
    await sender.close();
    crew.finish();
  }
}

/** Who interrupts while a lost answer is looked for leaves its outcome unknown. */
export function exitCodeOfChange(error: unknown): ExitCode {
  return error instanceof InterruptedError ? exitCodes.unknown : exitCodeOf(error);
}

interface Tools {
  sender: OnceSender;
  touches: TouchNotes;
  printer: Printer;
  /** In the order in which they are done. */
  tasks: readonly Task[];
}

const mostWarnings = 10;
/** Intents of creates are opened before their turn, so many at once: a slow disk is waited for seldom, and while others are sent. */
const mostAhead = 32;
const fewestAhead = 16;

class Crew {
  readonly #context: Context;
  readonly #tools: Tools;
  readonly #mismatches: string[] = [];
  /** By schedule, the server's next time and the minute of the change: over a fleet they are the same again and again. */
  readonly #comparisons = new Map<string, Promise<string | undefined>>();
  readonly #undo: UndoList;
  readonly #creates = new Map<Task, CreateOnce>();
  #started = 0;
  #looked = 0;

  constructor(context: Context, tools: Tools) {
    this.#context = context;
    this.#tools = tools;
    this.#undo = new UndoList(context);
  }

  /** Before each task: opens the intents of the creates that come soon. */
  openAhead(): void {
    const { tasks, sender } = this.#tools;
    this.#started += 1;
    if (this.#looked - this.#started >= fewestAhead) return;
    const end = Math.min(this.#started + mostAhead, tasks.length);
    for (; this.#looked < end; this.#looked += 1) {
      const task = tasks[this.#looked];
      if (task?.change.action !== "create") continue;
      const create = createOf(task);
      this.#creates.set(task, create);
      sender.openAhead(create);
    }
  }

  /** Gives the automation's id. */
  do(task: Task): Promise<string> {
    if (task.change.action === "create") return this.#create(task);
    return task.change.action === "delete" ? this.#delete(task) : this.#update(task);
  }

  /** Says how it is taken back, and where the server will run something at another time than was planned. */
  finish(): void {
    const { printer } = this.#tools;
    this.#undo.print(printer);
    for (const text of this.#mismatches.slice(0, mostWarnings)) printer.warn(text);
    const more = this.#mismatches.length - mostWarnings;
    if (more > 0) printer.warn(`the server will run ${more} more at other times than was planned`);
  }

  async #create(task: Task): Promise<string> {
    const create = this.#creates.get(task) ?? createOf(task);
    this.#creates.delete(task);
    const { value } = await this.#tools.sender.create(create);
    const { automation_id } = value;
    task.known.add(automation_id);
    this.#touch(task, automation_id);
    this.#undo.created(create.deploymentId, automation_id);
    await this.#compareTimes(value, { name: task.change.name, cron: create.fields.schedule });
    return automation_id;
  }

  async #update({ target, change }: Task): Promise<string> {
    const { deploymentId } = target;
    const { automationId = "" } = change;
    const changes = fieldsToSend(change);
    const plan = { deploymentId, automationId, planned: change.before ?? {}, fields: changes };
    const ready = await unlessGone(prepareUpdate(this.#context, plan));
    if (ready === undefined) throw new ConflictError(`${automationId} is gone by now`);
    const { before, send } = ready;
    const copy = await keepCopy(this.#context, { deploymentId, automation: before, change: "update" });
    const after = await this.#sent(send(), { target, change, automationId }, () =>
      this.#undo.updated({ deploymentId, before, changes, copy }),
    );
    const cron = changes.schedule;
    if (cron !== undefined) await this.#compareTimes(after, { name: change.name, cron });
    return automationId;
  }

  async #delete({ target, change }: Task): Promise<string> {
    const { deploymentId } = target;
    const { automationId = "" } = change;
    const plan = { deploymentId, automationId, planned: change.before ?? {} };
    const ready = await unlessGone(prepareDelete(this.#context, plan));
    if (ready === undefined) return automationId;
    const { before, send } = ready;
    const copy = await keepCopy(this.#context, { deploymentId, automation: before, change: "delete" });
    await this.#sent(send(), { target, change, automationId }, () => this.#undo.deleted(copy));
    return automationId;
  }

  /** Keeps that a change was sent, and how it is taken back, wherever it may have taken effect. */
  async #sent<T>(
    sending: Promise<T>,
    { target, change, automationId }: Pick<Task, "target" | "change"> & { automationId: string },
    keepUndo: () => void,
  ): Promise<T> {
    let mayHaveTakenEffect = true;
    try {
      return await sending;
    } catch (error) {
      mayHaveTakenEffect = isUnknown(error);
      throw error;
    } finally {
      if (mayHaveTakenEffect) {
        keepUndo();
        this.#touch({ target, change }, automationId);
      }
    }
  }

  async #compareTimes(automation: Automation, { name, cron }: { name: string; cron: string }): Promise<void> {
    const { next_run_at: served, updated_at, created_at } = automation;
    const minute = (updated_at ?? created_at ?? "").slice(0, "2026-01-01T00:00".length);
    const key = `${cron} ${served} ${minute}`;
    const comparison =
      this.#comparisons.get(key) ?? nextRunMismatch(automation, { text: cron, cron, notes: [] });
    this.#comparisons.set(key, comparison);
    const mismatch = await comparison;
    if (mismatch !== undefined) this.#mismatches.push(`"${name}": ${mismatch}`);
  }

  #touch({ target, change }: Pick<Task, "target" | "change">, automationId: string): void {
    const { deploymentId } = target;
    this.#tools.touches.add({ deploymentId, automationId, change: touchOf(change) });
  }
}

function createOf({ target: { deploymentId }, change, known }: Task): CreateOnce {
  return { deploymentId, fields: fieldsToCreate(change), known };
}

function touchOf({ action, changes = {} }: Task["change"]): Touch["change"] {
  if (action === "create" || action === "delete") return action;
  if (changes.enabled === undefined) return "update";
  return changes.enabled.to ? "resume" : "pause";
}
