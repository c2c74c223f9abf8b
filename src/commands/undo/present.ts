import type { Automation, AutomationDetail, AutomationRef } from "../../api/types.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import { unlessGone } from "../../fleet/read-many.js";
import type { Limits } from "../../fleet/silent-deployments.js";
import type { ChangeItem } from "../../history/change.js";
import type { Present, UndoneChange } from "../../history/undo-plan.js";
import type { Candidate } from "../../incident/scope.js";
import type { ReadingProgress } from "../../operations/rows/progress.js";
import { readWithProgress } from "../../operations/rows/read-with-progress.js";
import { deploymentError, withoutNotFound } from "../../operations/rows/unknown-deployment.js";
import { listAutomations } from "../../operations/selection/resolve-automations.js";
import { textOrDash } from "../../output/value-text.js";
import type { BadgesOf } from "../automations/shared/incident-badges.js";

export type UndoCandidate = Candidate & { item: ChangeItem };

interface DeploymentList {
  listed: readonly Automation[];
  /** Ids that this undo has seen there, of what it creates again too. */
  known: Set<string>;
}

interface PresentOptions {
  badgesOf: BadgesOf;
  progress: ReadingProgress;
  concurrency: number | undefined;
}

/**
 * Reads what is there of what a change did. Only what a GET answers with 404 in a deployment that could be listed isn't
 * there; each deployment is listed at most once, and only where that matters.
 */
export class PresentReader {
  readonly #lists = new Map<string, DeploymentList>();
  readonly #errors = new Map<string, unknown>();

  constructor(
    private readonly context: Context,
    readonly undone: UndoneChange,
    private readonly options: PresentOptions,
  ) {}

  /** Reads the present state of these; what can't be said is an error. Throws where the key is refused for all. */
  async readAll(chosen: readonly UndoCandidate[]) {
    await this.#list(chosen.filter(({ item }) => item.act === "delete" || isRenamed(item)));
    const renamed = new Set(
      chosen.filter(({ item }) => isRenamed(item)).map(({ item }) => item.automation_id),
    );
    const { progress, concurrency } = this.options;
    const { found, errors } = await readWithProgress(this.context, chosen, {
      read: ({ item }, limits) => this.#read(item, { renamed, limits }),
      progress,
      stage: "automations",
      concurrency,
    });
    const absent = found.filter(({ item: { item }, value }) => isAsked(item) && !value.automation);
    await this.#list(absent.map(({ item }) => item));
    const unknown = absent.flatMap(({ item }) => {
      const error = this.#errors.get(item.deployment_id);
      return error === undefined ? [] : [{ item, error }];
    });
    const isUnknown = new Set(unknown.map(({ item }) => item));
    return {
      found: found.filter(({ item }) => !isUnknown.has(item)),
      errors: [...errors, ...unknown],
    };
  }

  /** Reads one; undefined where it isn't there. Throws where nobody can say. */
  async readOne(item: AutomationRef): Promise<AutomationDetail | undefined> {
    const found = await this.#get(item, { signal: this.context.signal });
    if (found !== undefined) return found;
    await this.#list([item]);
    this.#listOf(item.deployment_id);
    return undefined;
  }

  /** Ids that this undo has seen in a deployment, of what it creates again too. */
  knownIn(deployment_id: string): Set<string> {
    return this.#lists.get(deployment_id)?.known ?? new Set();
  }

  #listOf(deployment_id: string): DeploymentList {
    const list = this.#lists.get(deployment_id);
    if (list === undefined) throw this.#errors.get(deployment_id);
    return list;
  }

  /** A key that all of these refuse may be right elsewhere. */
  async #list(where: readonly { deployment_id: string }[]): Promise<void> {
    const { context } = this;
    const isOpen = (id: string) => !this.#lists.has(id) && !this.#errors.has(id);
    const ids = [...new Set(where.map(({ deployment_id }) => deployment_id))].filter(isOpen);
    const { progress, concurrency } = this.options;
    const places = ids.map((deployment_id) => ({ deployment_id }));
    const { found, errors } = await readWithProgress(context, places, {
      progress,
      concurrency,
      stage: "deployments",
      read: ({ deployment_id }, limits) => listAutomations(context, deployment_id, limits),
    }).catch((error: unknown) => {
      context.signal.throwIfAborted();
      return { found: [], errors: places.map((item) => ({ item, error })) };
    });
    for (const { item, value: listed } of found) {
      const known = new Set(listed.map(({ automation_id }) => automation_id));
      this.#lists.set(item.deployment_id, { listed, known });
    }
    for (const { item, error } of errors)
      this.#errors.set(item.deployment_id, deploymentError(context, { ...item, cause: error }));
  }

  /** `renamed`: ids of what this undo renames, whose names of now don't count. */
  async #read(
    item: ChangeItem,
    { renamed, limits }: { renamed: ReadonlySet<string | null>; limits: Limits },
  ): Promise<Present> {
    if (item.is_damaged) throw damaged(item);
    const { deployment_id, automation_id } = item;
    const nothing: Present = { automation: undefined, others: [], pausedBy: undefined };
    if (!isAsked(item) || automation_id === null) return nothing;
    // A list that lags may show it still.
    if (item.act === "delete") this.#listOf(deployment_id).known.add(automation_id);
    const automation = await this.#get({ deployment_id, automation_id }, limits);
    if (automation !== undefined) {
      const [held] = this.options.badgesOf(deployment_id, automation);
      const listed = isRenamed(item) ? this.#listOf(deployment_id).listed : [];
      const others = listed.filter((other) => !renamed.has(other.automation_id));
      return { automation, others, pausedBy: held?.text };
    }
    return item.act === "delete" ? { ...nothing, others: await this.#others(item, limits) } : nothing;
  }

  /** Reads what may be in a deleted one's place: what has its name, and what was created again, listed or not. */
  async #others(item: ChangeItem, limits: Limits): Promise<AutomationDetail[]> {
    const { deployment_id, automation_id: own, name } = item;
    const named = this.#listOf(deployment_id).listed.filter((other) => other.name === name);
    const recreated = this.undone.since.recreatedAs(item);
    const ids = new Set([...named.map(({ automation_id }) => automation_id), ...recreated]);
    ids.delete(own ?? "");
    const read = await Promise.all(
      [...ids].map((automation_id) => this.#get({ deployment_id, automation_id }, limits)),
    );
    return read.flatMap((other) => other ?? []);
  }

  async #get(
    { deployment_id, automation_id }: AutomationRef,
    limits: Limits,
  ): Promise<AutomationDetail | undefined> {
    const { automations } = await this.context.client();
    return unlessGone(automations.get(deployment_id, automation_id, limits)).catch((error: unknown) => {
      throw withoutNotFound(error);
    });
  }
}

/** True for what has an id by which it may be there. */
function isAsked({ act, automation_id }: ChangeItem): boolean {
  return act !== "trigger" && act !== "answer" && automation_id !== null;
}

function isRenamed({ act, after }: ChangeItem): boolean {
  return act === "update" && after?.name !== undefined;
}

/** The error of a history file that somebody altered: its text isn't sent. */
function damaged({ name, automation_id }: ChangeItem): NotPossibleError {
  const what = textOrDash(name ?? automation_id);
  return new NotPossibleError(`the history's instructions of ${what} don't match their hash`);
}
