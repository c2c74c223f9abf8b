import { schedulesEqual } from "../schedule/equal.js";
import type { Desired, DesiredItem } from "./desired.js";
import { match } from "./match.js";
import type { Mistake, Place } from "./mistake.js";
import { isSameSchedule, isSameText } from "./same.js";

/** An automation as the server has it; `instructions` come with GET alone. */
export interface ActualAutomation {
  automation_id: string;
  name: string;
  schedule: string;
  enabled: boolean;
  instructions?: string;
  thread_id?: string | null;
  updated_at?: string | null;
}

export type Action = "create" | "update" | "rename" | "delete" | "unchanged" | "kept" | "skipped";

/** The fields that a plan changes, in the order they are shown in. */
interface ManagedFields {
  name: string;
  schedule: string;
  instructions: string;
  enabled: boolean;
}

export type FieldChanges = {
  [Field in keyof ManagedFields]?: { from: ManagedFields[Field] | null; to: ManagedFields[Field] };
};

/** What shall become of one automation, and why. */
export interface Change {
  action: Action;
  name: string;
  automationId?: string;
  /** For create, update and rename: what the field is (`null`: not there) and what it shall be. It is what is sent. */
  changes?: FieldChanges;
  /** `dst`: only daylight saving moved. `removed`, `prune`: why it is deleted. `paused …`, `create-only`: why it is left. `held by …`: what it is turned on in spite of. */
  reason?: string;
  /** Why nothing can be done in this deployment, with the ids. */
  error?: string;
  /** It is what stops its deployment, rather than what is stopped with it. */
  isCause?: boolean;
  /** A schedule that is to be sent and can't be read: nothing may be changed anywhere. */
  mistake?: Mistake;
  /** Where the manifest says so; not for what is pruned. */
  place?: Place;
  /** What is changed or deleted, as it was read. */
  before?: ActualAutomation;
}

export interface PlanOptions {
  /** Creates what is missing and leaves the rest alone. */
  createOnly?: boolean;
  /** Deletes what the manifest doesn't name. */
  prune?: boolean;
  /** Items with `enabled: true` may be turned on again. */
  resumePaused?: boolean;
  /** `--match` and `--except`; what it lets not through is neither changed nor deleted. */
  includes?(automation: { automation_id: string; name: string }): boolean;
  /** What is known of why an automation is paused: `held by INC-42`. */
  whyPaused?(automation: ActualAutomation): string | undefined;
}

/**
 * Decides what has to change in one deployment (cli.md, "Automations as files"); pure. `actual` holds every automation of
 * the deployment, those that `candidates` names with their instructions (not needed with `createOnly`).
 */
export function plan(
  desired: Desired,
  actual: readonly ActualAutomation[],
  options: PlanOptions = {},
): Change[] {
  return new Planner(desired, { actual, options }).plan();
}

class Planner {
  readonly #desired: Desired;
  readonly #actual: readonly ActualAutomation[];
  readonly #options: PlanOptions;

  constructor(
    desired: Desired,
    { actual, options }: { actual: readonly ActualAutomation[]; options: PlanOptions },
  ) {
    this.#desired = desired;
    this.#actual = actual;
    this.#options = options;
  }

  plan(): Change[] {
    const { found, removed, ...matched } = match(this.#desired, this.#actual);
    const items = this.#desired.items.filter((item) => this.#includes(item, found.get(item)));
    const conflicts = matched.conflicts.filter((conflict) => this.#includes(conflict, undefined));
    if (conflicts.length > 0) return stopAll(items, conflicts);
    const changes = items.map((item) => this.#planItem(item, found.get(item)));
    const gone = removed.filter((automation) => this.#includes(automation, automation));
    const unnamed = this.#options.prune === true ? this.#findUnnamed([...found.values(), ...removed]) : [];
    return [
      ...changes,
      ...gone.map((automation) => this.#planRemoval(automation)),
      ...unnamed.map((automation) => deletion(automation, "prune")),
    ];
  }

  #includes({ name }: { name: string }, automation: ActualAutomation | undefined): boolean {
    return this.#options.includes?.({ automation_id: automation?.automation_id ?? "", name }) ?? true;
  }

  #planItem(item: DesiredItem, automation: ActualAutomation | undefined): Change {
    if (automation === undefined) return planCreation(item);
    const { name, place } = item;
    const known = { name, place, automationId: automation.automation_id };
    if (this.#options.createOnly === true) return { action: "kept", ...known, reason: "create-only" };
    const { changes, mistake } = this.#compare(item, automation);
    const kept = this.#whyKept(item, automation);
    if (Object.keys(changes).length === 0) {
      return kept === undefined
        ? { action: "unchanged", ...known }
        : { action: "kept", ...known, reason: kept };
    }
    const held = changes.enabled?.to === true ? this.#options.whyPaused?.(automation) : undefined;
    const reason = isMovedByDst(item, { automation, changes }) ? "dst" : (kept ?? held);
    return {
      action: changes.name === undefined ? "update" : "rename",
      ...known,
      changes,
      before: automation,
      ...(reason === undefined ? {} : { reason }),
      ...(mistake === undefined ? {} : { mistake }),
    };
  }

  #compare(item: DesiredItem, automation: ActualAutomation): { changes: FieldChanges; mistake?: Mistake } {
    const { name, schedule, instructions, initial } = item;
    const changes: FieldChanges = {};
    let mistake: Mistake | undefined;
    if (name !== automation.name) changes.name = { from: automation.name, to: name };
    if (!initial.has("schedule") && !isSameSchedule(item, automation)) {
      changes.schedule = { from: automation.schedule, to: schedule.ok ? schedule.cron : schedule.text };
      mistake = unreadable(item);
    }
    if (!initial.has("instructions") && !isSameText(instructions, automation.instructions)) {
      changes.instructions = { from: automation.instructions ?? null, to: instructions };
    }
    const enabled = this.#wantedEnabled(item, automation);
    if (enabled !== automation.enabled) changes.enabled = { from: automation.enabled, to: enabled };
    return mistake === undefined ? { changes } : { changes, mistake };
  }

  #wantedEnabled({ enabled, initial }: DesiredItem, automation: ActualAutomation): boolean {
    if (initial.has("enabled")) return automation.enabled;
    if (enabled === false) return false;
    return enabled === true && this.#options.resumePaused === true ? true : automation.enabled;
  }

  /** Why an automation that was found paused stays so, if it isn't the manifest that says so. */
  #whyKept(item: DesiredItem, automation: ActualAutomation): string | undefined {
    if (automation.enabled || item.enabled === false || item.initial.has("enabled")) return undefined;
    if (this.#wantedEnabled(item, automation)) return undefined;
    const why = this.#options.whyPaused?.(automation);
    return why === undefined ? "paused" : `paused, ${why}`;
  }

  #planRemoval(automation: ActualAutomation): Change {
    if (this.#options.createOnly !== true) {
      const entry = this.#desired.removed.find(
        ({ ref }) => ref === automation.automation_id || ref === automation.name,
      );
      return { ...deletion(automation, "removed"), ...(entry === undefined ? {} : { place: entry.place }) };
    }
    const { name, automation_id } = automation;
    return { action: "kept", name, automationId: automation_id, reason: "create-only" };
  }

  #findUnnamed(named: readonly ActualAutomation[]): ActualAutomation[] {
    const isNamed = new Set(named);
    return this.#actual.filter(
      (automation) => !isNamed.has(automation) && this.#includes(automation, automation),
    );
  }
}

function planCreation(item: DesiredItem): Change {
  const { name, schedule, instructions, enabled, place } = item;
  const mistake = unreadable(item);
  return {
    action: "create",
    name,
    place,
    changes: {
      name: { from: null, to: name },
      schedule: { from: null, to: schedule.ok ? schedule.cron : schedule.text },
      instructions: { from: null, to: instructions },
      ...(enabled === false ? { enabled: { from: null, to: false } } : {}),
    },
    ...(mistake === undefined ? {} : { mistake }),
  };
}

function deletion(before: ActualAutomation, reason: string): Change {
  const { name, automation_id } = before;
  return { action: "delete", name, automationId: automation_id, reason, before };
}

function stopAll(
  items: readonly DesiredItem[],
  conflicts: readonly { name: string; error: string }[],
): Change[] {
  const errors = new Map(conflicts.map(({ name, error }) => [name, error]));
  const [first] = conflicts;
  const because = first === undefined ? "" : `stopped by "${first.name}": ${first.error}`;
  const ofItems = items.map(({ name, place }): Change => {
    const own = errors.get(name);
    errors.delete(name);
    return { action: "skipped", name, place, error: own ?? because, isCause: own !== undefined };
  });
  return [
    ...ofItems,
    ...[...errors].map(([name, error]): Change => ({ action: "skipped", name, error, isCause: true })),
  ];
}

function unreadable({ schedule }: DesiredItem): Mistake | undefined {
  if (schedule.ok) return undefined;
  const { place, reason, hint } = schedule;
  return { place, message: reason, ...(hint === undefined ? {} : { suggestion: hint }) };
}

function isMovedByDst(
  { schedule }: DesiredItem,
  { automation, changes }: { automation: ActualAutomation; changes: FieldChanges },
): boolean {
  if (!schedule.ok || changes.schedule === undefined || Object.keys(changes).length > 1) return false;
  return schedule.otherCron !== undefined && schedulesEqual(schedule.otherCron, automation.schedule);
}
