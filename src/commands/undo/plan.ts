/** Plans an undo from the present state. */

import { msOf } from "../../api/schema.js";
import type { Automation, AutomationDetail, AutomationRef, DeploymentSummary } from "../../api/types.js";
import { openForMs } from "../../changes/read-back.js";
import type { Context } from "../../context/context.js";
import { NotPossibleError, OutcomeUnknownError } from "../../errors/cli-errors.js";
import { isOutcomeUnknown } from "../../errors/exit-code.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { Selection } from "../../fleet/selection.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { changesAfter, readChanges } from "../../history/read.js";
import {
  itemsToUndo,
  laterChanges,
  type Present,
  planUndo,
  type UndoneChange,
  type UndoStep,
} from "../../history/undo-plan.js";
import type { Candidate } from "../../incident/scope.js";
import { groupBy } from "../../manifest/group-by.js";
import type { OperationInput } from "../../operations/operation.js";
import { ReadingProgress, readWithProgress } from "../../operations/rows/progress.js";
import { narrowChange } from "../../operations/rows/read-scope.js";
import { type FleetRow, itemRow, unreadRow } from "../../operations/rows/result-rows.js";
import {
  deploymentError,
  deploymentsById,
  type FleetSession,
  withoutNotFound,
} from "../../operations/rows/session.js";
import { listAutomations } from "../../operations/selection/resolve.js";
import { silenceHint } from "../../operations/selection/selection-flags.js";
import { textOrDash } from "../../output/value-text.js";
import { schedulesEqual } from "../../schedule/compare.js";
import { redactTexts } from "../../settings/key.js";
import { type BadgesOf, loadIncidentBadges } from "../automations/shared/incident-badges.js";

export interface UndoRequest extends OperationInput {
  change: string | undefined;
  selection: Selection;
}

export type OpenStep = Extract<UndoStep, { action: "restore" | "recreate" | "delete" }> & {
  subject: Candidate;
  present: PresentReader;
};

export interface UndoPlan {
  change: Change;
  steps: OpenStep[];
  unsentRows: FleetRow[];
  unselected: number;
  deployments: DeploymentSummary[];
}

/** Reads the present state of the items in a change, and plans the undo. */
export async function planUndoOf(
  context: Context,
  { session, change, input }: { session: FleetSession; change: Change; input: UndoRequest },
): Promise<UndoPlan> {
  const items = itemsToUndo(change);
  const { selection } = input;
  const chosen = narrowChange(session.allDeployments, { items, selection, at: context.now() });
  const { settings } = context;
  const since = laterChanges(changesAfter(settings, change), () => readChanges(settings));
  const undone = { since, at: change.at };
  const progress = new ReadingProgress(context, session.printer);
  const badgesOf = await loadIncidentBadges(context);
  const { concurrency } = input;
  const present = new PresentReader(context, undone, { badgesOf, progress, concurrency });
  const { found, errors } = await present.readAll(chosen);
  if (errors[0] !== undefined && chosen.length === 1) throw errors[0].error;
  const steps: OpenStep[] = [];
  const unsentRows: FleetRow[] = [];
  // An automation that was created again replaces only one deleted item.
  const taken = new Set<string>();
  for (const { item: candidate, value } of found) {
    const others = value.others.filter(({ automation_id }) => !taken.has(automation_id));
    const step = planUndo(candidate.item, { ...undone, present: { ...value, others } });
    const { automation_id } = value.automation ?? candidate;
    const subject = redactedCandidate(context, { ...candidate, automation_id });
    if ("as" in step && step.as !== undefined) taken.add(step.as);
    if (step.action === "unchanged") unsentRows.push({ ...itemRow(subject), result: "unchanged" });
    else if (step.action === "skip")
      unsentRows.push({ ...itemRow(subject), result: "skipped", reason: step.why });
    else steps.push({ ...step, subject, present });
  }
  for (const { item, error } of errors) {
    const row = unreadRow(redactedCandidate(context, item), error);
    unsentRows.push(isOutcomeUnknown(error) ? { ...row, result: "unknown" } : row);
  }
  const unreadable = groupBy(errors, ({ item }) => item.deployment_name ?? item.deployment_id);
  const waitHint = silenceHint([...unreadable].map(([what, [first]]) => ({ what, error: first?.error })));
  if (waitHint !== undefined) session.printer.note(waitHint);
  const deployments = deploymentsById(
    chosen.map(({ deployment_id }) => deployment_id),
    session.allDeployments,
  );
  return { change, steps, unsentRows, unselected: items.length - chosen.length, deployments };
}

/** Redacts any key that an older file may contain. */
function redactedCandidate({ settings }: Context, candidate: Candidate): Candidate {
  return { ...candidate, ...redactTexts({ name: candidate.name }, settings) };
}

/** A server's `Date`, which is used to time requests, has only whole seconds. */
const clockSlackMs = 2_000;

type UndoCandidate = Candidate & { item: ChangeItem };

interface PresentOptions {
  badgesOf: BadgesOf;
  progress: ReadingProgress;
  concurrency: number | undefined;
}

/**
 * Reads the present state of the items in a change. An automation is gone only if a GET returns 404 and its list
 * doesn't contain it; each deployment is listed at most once, and only if needed.
 */
class PresentReader {
  readonly #lists = new Map<string, Promise<readonly Automation[]>>();
  readonly #known = new Map<string, Set<string>>();

  constructor(
    private readonly context: Context,
    readonly undone: UndoneChange,
    private readonly options: PresentOptions,
  ) {}

  /** Reads the present state of these items; unknown states become errors. Throws if the key is refused for all. */
  async readAll(chosen: readonly UndoCandidate[]) {
    const { context } = this;
    const { progress, concurrency } = this.options;
    const reading = { progress, concurrency };
    const listed = chosen.filter(
      ({ item }) => item.act === "delete" || isRenamed(item) || isOpenCreate(item),
    );
    const ids = new Set(listed.map(({ deployment_id }) => deployment_id));
    const places = [...ids].map((deployment_id) => ({ deployment_id }));
    const { errors } = await readWithProgress(context, places, {
      ...reading,
      stage: "deployments",
      read: ({ deployment_id }, limits) => this.#listOf(deployment_id, limits),
    }).catch(() => {
      context.signal.throwIfAborted();
      return { errors: [] };
    });
    for (const { item, error } of errors) {
      const failed = Promise.reject(deploymentError(context, { ...item, cause: error }));
      failed.catch(() => undefined);
      this.#lists.set(item.deployment_id, failed);
    }
    const renamed = new Set(
      chosen.filter(({ item }) => isRenamed(item)).map(({ item }) => item.automation_id),
    );
    return readWithProgress(context, chosen, {
      ...reading,
      stage: "automations",
      read: ({ item }, limits) => this.#read(item, { renamed, limits }),
    });
  }

  /** Reads one item; undefined if it is gone. Throws if that can't be known. */
  async readOne(
    { deployment_id, automation_id }: AutomationRef,
    limits: Limits = { signal: this.context.signal },
  ): Promise<AutomationDetail | undefined> {
    const { automations } = await this.context.client();
    const read = () =>
      unlessGone(automations.get(deployment_id, automation_id, limits)).catch((error: unknown) => {
        throw withoutNotFound(error);
      });
    const found = await read();
    if (found !== undefined) return found;
    const listed = await this.#listOf(deployment_id, limits);
    return listed.some((each) => each.automation_id === automation_id) ? read() : undefined;
  }

  /** The ids that this undo has seen in a deployment, including those of recreated automations. */
  knownIn(deployment_id: string): Set<string> {
    return this.#known.get(deployment_id) ?? new Set();
  }

  #listOf(deployment_id: string, limits: Limits): Promise<readonly Automation[]> {
    const list = this.#lists.get(deployment_id) ?? this.#list(deployment_id, limits);
    this.#lists.set(deployment_id, list);
    return list;
  }

  /** Reports a refusal as the deployment's error, because the key may still work in others. */
  async #list(deployment_id: string, limits: Limits): Promise<readonly Automation[]> {
    const { context } = this;
    const listed = await listAutomations(context, deployment_id, limits).catch((cause: unknown) => {
      throw deploymentError(context, { deployment_id, cause });
    });
    this.#known.set(deployment_id, new Set(listed.map(({ automation_id }) => automation_id)));
    return listed;
  }

  /** `renamed`: the ids that this undo renames; their current names don't count. */
  async #read(
    item: ChangeItem,
    { renamed, limits }: { renamed: ReadonlySet<string | null>; limits: Limits },
  ): Promise<Present> {
    if (item.is_damaged) throw damaged(item);
    const { deployment_id, automation_id } = item;
    const nothing: Present = { automation: undefined, others: [], pausedBy: undefined };
    if (!isAsked(item)) return nothing;
    // A list that lags may still contain the automation.
    if (item.act === "delete") {
      await this.#listOf(deployment_id, limits);
      this.knownIn(deployment_id).add(automation_id ?? "");
    }
    const automation =
      automation_id === null
        ? await this.#created(item, limits)
        : await this.readOne({ deployment_id, automation_id }, limits);
    if (automation !== undefined) {
      const [held] = this.options.badgesOf(deployment_id, automation);
      const listed = isRenamed(item) ? await this.#listOf(deployment_id, limits) : [];
      const others = listed.filter((other) => !renamed.has(other.automation_id));
      return { automation, others, pausedBy: held?.text };
    }
    return item.act === "delete" ? { ...nothing, others: await this.#others(item, limits) } : nothing;
  }

  /** Finds the automation that an unanswered create made, if it made any. Throws OutcomeUnknownError if unsure. */
  async #created(item: ChangeItem, limits: Limits): Promise<AutomationDetail | undefined> {
    const { deployment_id, after = {}, sent_at = this.undone.at, sent_served_at = sent_at } = item;
    const sentMs = Date.parse(sent_served_at);
    const same = (await this.#listOf(deployment_id, limits)).filter(({ automation_id, ...listed }) => {
      const laterMs = (msOf(listed.created_at) ?? sentMs) - sentMs;
      const isOfThen = laterMs >= -clockSlackMs && laterMs <= openForMs + clockSlackMs;
      const isSame =
        listed.name === after.name && schedulesEqual(listed.schedule ?? "", after.schedule ?? "");
      return isOfThen && isSame && !this.undone.since.isMade(automation_id);
    });
    const read = same.map(({ automation_id }) => this.readOne({ deployment_id, automation_id }, limits));
    const made = (await Promise.all(read)).filter((each) => each?.instructions === after.instructions);
    const [automation, other] = made;
    if (automation === undefined || (other === undefined && automation.created_at)) return automation;
    const ids = made.map((each) => each?.automation_id).join(" or ");
    throw new OutcomeUnknownError(`it may have created ${ids}`);
  }

  /** Reads the automations that may replace a deleted one: with its name, or recreated, even if no list has them. */
  async #others(item: ChangeItem, limits: Limits): Promise<AutomationDetail[]> {
    const { deployment_id, automation_id: own, name } = item;
    const named = (await this.#listOf(deployment_id, limits)).filter((other) => other.name === name);
    const recreated = this.undone.since.recreatedAs(item);
    const ids = new Set([...named.map(({ automation_id }) => automation_id), ...recreated]);
    ids.delete(own ?? "");
    const read = await Promise.all(
      [...ids].map((automation_id) => this.readOne({ deployment_id, automation_id }, limits)),
    );
    return read.flatMap((other) => other ?? []);
  }
}

function isAsked({ act }: ChangeItem): boolean {
  return act !== "trigger" && act !== "answer";
}

/** True for a create that was never answered, so that its id isn't in the history. */
function isOpenCreate({ act, automation_id }: ChangeItem): boolean {
  return act === "create" && automation_id === null;
}

function isRenamed({ act, after }: ChangeItem): boolean {
  return act === "update" && after?.name !== undefined;
}

/** The error for a history file that was altered; the text in it isn't sent. */
function damaged({ name, automation_id }: ChangeItem): NotPossibleError {
  const what = textOrDash(name ?? automation_id);
  return new NotPossibleError(`the history's instructions for ${what} don't match their hash`);
}
