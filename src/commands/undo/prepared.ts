import { NotFoundError } from "../../api/errors.js";
import type { Automation, AutomationDetail, DeploymentSummary } from "../../api/types.js";
import type { InputOf } from "../../command/declaration.js";
import type { Context } from "../../context.js";
import { NotPossibleError } from "../../errors.js";
import type { Selection } from "../../fleet/selection.js";
import type { Change, ChangeItem } from "../../history/change.js";
import { laterChanges } from "../../history/later-changes.js";
import { changesAfter } from "../../history/read.js";
import { itemsToUndo, type Present, planUndo, type UndoStep } from "../../history/undo-plan.js";
import { told } from "../../output/value-text.js";
import { redactTexts } from "../../settings/redact.js";
import { loadIncidentMarks, type MarksOf } from "../automations/shared/incident-marks.js";
import { narrowTo } from "../fleet/narrow.js";
import { ReadingProgress, readWhatCanBe } from "../fleet/reading.js";
import type { FleetSession } from "../fleet/session.js";
import { listAutomations } from "../targets/automations.js";
import type { command } from "./undo.js";

/** A step that sends something. */
export type OpenStep = Extract<UndoStep, { does: "restore" | "remake" | "remove" }>;

export interface UndoPlan {
  steps: OpenStep[];
  /** It is as before already. */
  unchanged: ChangeItem[];
  left: { item: ChangeItem; why: string }[];
  unread: { item: ChangeItem; error: unknown }[];
  /** So many more the change has, which weren't selected. */
  unselected: number;
}

export interface UndoInput extends InputOf<typeof command> {
  selection: Selection;
}

export interface PreparedUndo {
  session: FleetSession;
  change: Change;
  input: UndoInput;
  plan: UndoPlan;
  /** Those that the change is in. */
  deployments: DeploymentSummary[];
  /** Ids of what stood beside deleted ones when it was planned, by deployment. */
  seen: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What people call it. */
export function deploymentName({ deployments }: Pick<PreparedUndo, "deployments">, id: string): string {
  return deployments.find(({ deployment_id }) => deployment_id === id)?.name ?? id;
}

/** Reads what is there now of all that a change did, and plans what takes it back. */
export async function prepareUndo(
  context: Context,
  { session, change, input }: Pick<PreparedUndo, "session" | "change" | "input">,
): Promise<PreparedUndo> {
  const known = new Map(session.everyone.map((each) => [each.deployment_id, each]));
  const everything = itemsToUndo(change);
  const items = selectItems(everything, { known, selection: input.selection, at: context.now() });
  const ids = new Set(items.map(({ deployment_id }) => deployment_id));
  const deployments = [...ids].map((id) => known.get(id) ?? { deployment_id: id });
  const marksOf = await loadIncidentMarks(context, [...ids]);
  const since = laterChanges(change, changesAfter(context.settings, change));
  const reader = new PresentReader(context, marksOf);
  const printable = <Each extends { item: ChangeItem }>(each: Each): Each => ({
    ...each,
    item: { ...each.item, ...redactTexts({ name: each.item.name }, context.settings) },
  });
  const { found, errors } = await readWhatCanBe(context, items, {
    read: (item) => reader.read(item),
    progress: new ReadingProgress(context, session.printer),
    stage: "automations",
    concurrency: input.concurrency,
  });
  const [failed] = errors;
  if (failed !== undefined && items.length === 1) throw failed.error;
  const plan: UndoPlan = {
    steps: [],
    unchanged: [],
    left: [],
    unread: errors.map(printable),
    unselected: everything.length - items.length,
  };
  // One that was made again is one deleted one's.
  const taken = new Set<string>();
  for (const { item: recorded, value } of found) {
    const others = value.others.filter(({ automation_id }) => !taken.has(automation_id));
    const step = printable(planUndo(recorded, { present: { ...value, others }, since, at: change.at }));
    const { item } = step;
    if ("as" in step && step.as !== undefined) taken.add(step.as);
    if (step.does === "nothing") plan.unchanged.push(item);
    else if (step.does === "leave") plan.left.push({ item, why: step.why });
    else plan.steps.push(step);
  }
  return { session, change, input, plan, deployments, seen: reader.seen };
}

interface Selecting {
  known: ReadonlyMap<string, DeploymentSummary>;
  selection: Selection;
  at: Date;
}

/** Throws NothingFoundError for a selector that fits nothing in the change. */
function selectItems(items: readonly ChangeItem[], { known, selection, at }: Selecting): ChangeItem[] {
  const candidates = items.map((item) => {
    const { deployment_id, automation_id, name } = item;
    const customer_id = known.get(deployment_id)?.customer_id;
    return { deployment_id, customer_id, automation_id: automation_id ?? "", name, item };
  });
  const everyone = [...known.values()];
  const { isWanted, isExcluded } = narrowTo(everyone, { selection, candidates, at, where: "the change" });
  return candidates.filter((each) => isWanted(each) && !isExcluded(each)).map(({ item }) => item);
}

/** Reads what is there of one item at a time; the list of a deployment once. */
class PresentReader {
  readonly seen = new Map<string, ReadonlySet<string>>();
  readonly #lists = new Map<string, Promise<Automation[]>>();

  constructor(
    private readonly context: Context,
    private readonly marksOf: MarksOf,
  ) {}

  async read(item: ChangeItem): Promise<Present> {
    const { act, deployment_id: deploymentId, automation_id: automationId } = item;
    if (item.is_damaged) throw damaged(item);
    if (act === "trigger" || act === "answer" || automationId === null)
      return { automation: undefined, others: [], held: undefined };
    const listed = act === "delete" ? await this.#list(deploymentId) : [];
    const isListed = act !== "delete" || listed.some((each) => each.automation_id === automationId);
    const automation = isListed ? await this.#get(deploymentId, automationId) : undefined;
    const [held] = automation === undefined ? [] : this.marksOf(deploymentId, automation);
    const others = automation === undefined ? await this.#withNamesakes(item, listed) : listed;
    return { automation, others, held: held?.text };
  }

  /** Those of the item's name as they are by themselves: a list doesn't tell all of them. */
  #withNamesakes({ deployment_id, name }: ChangeItem, listed: readonly Automation[]): Promise<Automation[]> {
    const whole = async (other: Automation) =>
      other.name === name ? ((await this.#get(deployment_id, other.automation_id)) ?? []) : other;
    return Promise.all(listed.map(whole)).then((all) => all.flat());
  }

  #list(deploymentId: string): Promise<Automation[]> {
    const list = this.#lists.get(deploymentId) ?? this.#listAnew(deploymentId);
    this.#lists.set(deploymentId, list);
    return list;
  }

  async #listAnew(deploymentId: string): Promise<Automation[]> {
    const listed = await listAutomations(this.context, deploymentId);
    this.seen.set(deploymentId, new Set(listed.map(({ automation_id }) => automation_id)));
    return listed;
  }

  async #get(deploymentId: string, automationId: string): Promise<AutomationDetail | undefined> {
    const client = await this.context.client();
    try {
      return await client.automations.get(deploymentId, automationId, { signal: this.context.signal });
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}

/** Whoever altered a text in the history doesn't get it sent. */
function damaged({ name, automation_id }: ChangeItem): NotPossibleError {
  const known = (what: string) => `the instructions that the history has of ${what} don't fit their hash`;
  return new NotPossibleError(known(told(name ?? automation_id)), { alike: known("it") });
}
