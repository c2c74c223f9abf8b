import { NotPossibleError } from "../../errors.js";
import type { FindKey } from "../fill.js";
import { type DeploymentPlan, fieldsToSend, tasksOf } from "../fleet-plan.js";
import { groupBy } from "../group-by.js";
import { placeText } from "../mistake.js";
import type { ActualAutomation, PlanItem } from "../plan-item.js";
import { type ItemAction, mostPlanBytes, type PlanHead, planVersion } from "./shape.js";

export interface PlanToWrite extends PlanHead {
  /** Which herm made it: `herm 1.2.3`. */
  madeBy: string;
  plans: readonly DeploymentPlan[];
}

/**
 * A plan as the text of a file: what is to be carried out, each item in a line of its own, with what was seen of it. Throws
 * NotPossibleError where it would hold one of the keys that `findKey` knows, or be larger than what is read back.
 */
export function writePlan(
  { madeAt, madeBy, target, record, plans }: PlanToWrite,
  { findKey }: { findKey: FindKey },
): string {
  const writer = new PlanWriter(findKey);
  const groups = [...groupBy(tasksOf(plans), ({ target: { deploymentId } }) => deploymentId).values()];
  const deployments = groups.flatMap((tasks) => {
    const [first] = tasks;
    return first === undefined
      ? []
      : [
          writer.deployment(
            first.target,
            tasks.map(({ change }) => change),
            first.recorded,
          ),
        ];
  });
  const made = { made_at: madeAt.toISOString(), made_by: madeBy };
  const head = { herm_plan: planVersion, ...made, target, record };
  const facts = Object.entries(head).flatMap(([key, value]) =>
    value === undefined ? [] : [`"${key}": ${json(value)},`],
  );
  const text = `${["{", ...facts, `"texts": [${lines(writer.texts)}],`, `"deployments": [${lines(deployments)}]`, "}"].join("\n")}\n`;
  if (Buffer.byteLength(text) > mostPlanBytes) {
    throw new NotPossibleError(`the plan would be larger than ${mostPlanBytes / 1024 / 1024} MiB`, {
      hint: "make several of it: -d, --customer and --match choose a part",
    });
  }
  return text;
}

class PlanWriter {
  /** Each text once, as JSON. */
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(private readonly findKey: FindKey) {}

  deployment(
    { deploymentId, name, customerId }: DeploymentPlan["target"],
    items: readonly PlanItem[],
    recorded: DeploymentPlan["recorded"],
  ): string {
    const written = items.map((item) => this.#item(item, name));
    const facts = json({ deployment_id: deploymentId, name, customer_id: customerId, recorded });
    return `${facts.slice(0, -1)},"items":[${lines(written)}]}`;
  }

  #item(change: PlanItem, deployment: string): string {
    const { automationId, key, reason, stays, beside, place, template, spreadMinutes, before } = change;
    const action = itemAction(change);
    const { instructions, ...fields } = fieldsToSend(change);
    const set = { ...fields, instructions: this.#text(instructions, change) };
    const item = json({
      action,
      automation_id: automationId,
      key,
      set: action === "delete" ? undefined : set,
      saw: before && this.#seen(before, change),
      reason,
      stays,
      beside,
      at: place && placeText(place),
      spread_minutes: action === "delete" ? undefined : spreadMinutes,
      template: template && { ...template, varying: [...template.varying] },
    });
    if (this.findKey(item) !== undefined) throw holdsKey(`"${change.name}" in ${deployment}`);
    return item;
  }

  #seen(before: ActualAutomation, change: PlanItem) {
    const { name, schedule, enabled, instructions, thread_id, updated_at } = before;
    const number = this.#text(instructions, change);
    return { name, schedule, enabled, instructions: number, thread_id, updated_at: updated_at ?? undefined };
  }

  #text(text: string | undefined, { name }: PlanItem): number | undefined {
    if (text === undefined) return undefined;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.findKey(text) !== undefined) throw holdsKey(`the instructions of "${name}"`);
    this.#numbers.set(text, this.texts.length);
    return this.texts.push(json(text)) - 1;
  }
}

/** A rename is an update that sets the name. */
function itemAction({ action }: PlanItem): ItemAction {
  return action === "create" || action === "delete" ? action : "update";
}

function holdsKey(what: string): NotPossibleError {
  return new NotPossibleError(`a plan can't be saved: one of your API keys stands in ${what}`, {
    hint: "take it out there; apply without --plan-out needs no file",
  });
}

function lines(items: readonly string[]): string {
  return items.length === 0 ? "" : `\n${items.join(",\n")}\n`;
}

/** What a terminal would act on or hide is escaped too, and the sign that stands for broken UTF-8, so that it means that. */
function json(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
